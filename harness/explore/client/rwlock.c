/* SPDX-License-Identifier: MIT */
/*
 * Clients of readers-writer locks: primitives/rwlock.h. Writers change two
 * plain words that readers compare: a lack of exclusion or of an edge is a data
 * race.
 */
#include "kit.h"

#include "../../../primitives/rwlock.h"

LACKS(lacks_tryrdlock, rwlock, tryrdlock)
LACKS(lacks_trywrlock, rwlock, trywrlock)
LACKS(lacks_timedrdlock, rwlock, timedrdlock)
LACKS(lacks_timedwrlock, rwlock, timedwrlock)

static const struct rwlock_impl *l;
static void *rwlock;
static unsigned written, copy, expected;

static void begin(const void *impl)
{
	l = impl;
	rwlock = object_new(&l->id);
	if (l->init)
		assert(l->init(rwlock) == SYNC_OK);
}

static void discard(void)
{
	if (l->destroy)
		l->destroy(rwlock);
	free(rwlock);
}

static void end(void)
{
	assert(written == expected);
	discard();
}

/* For one who got in, in whatever way. */
static void leave_as_writer(struct node *node)
{
	written++;
	copy++;
	l->unlock(rwlock, node);
}

static void leave_as_reader(struct node *node)
{
	assert(written == copy);
	l->unlock(rwlock, node);
}

static unsigned write_once(void)
{
	struct node node = { 0 };

	l->wrlock(rwlock, &node);
	leave_as_writer(&node);
	return 1;
}

static unsigned read_once(void)
{
	struct node node = { 0 };

	l->rdlock(rwlock, &node);
	leave_as_reader(&node);
	return 0;
}

static unsigned write_twice(void)
{
	return write_once() + write_once();
}

static unsigned read_twice(void)
{
	return read_once() + read_once();
}

static unsigned write_and_read(void)
{
	return write_once() + read_once();
}

CLIENT(rwlock, write_2, .threads = 2, .about = "a writer's section each")
{
	begin(impl);
	expected = TOGETHER(write_once, write_once);
	end();
}

CLIENT(rwlock, read_beside_write, .threads = 2,
       .about = "a reader's section beside a writer's")
{
	begin(impl);
	expected = TOGETHER(read_once, write_once);
	end();
}

CLIENT(rwlock, two_reads_beside_write, .threads = 2,
       .about = "two sections of one reader beside a writer's")
{
	begin(impl);
	expected = TOGETHER(read_twice, write_once);
	end();
}

CLIENT(rwlock, read_beside_two_writes, .threads = 2,
       .about = "a reader's section beside two of one writer")
{
	begin(impl);
	expected = TOGETHER(read_once, write_twice);
	end();
}

CLIENT(rwlock, write_and_read_2, .threads = 2,
       .about = "a writer's section, then a reader's, each")
{
	begin(impl);
	expected = TOGETHER(write_and_read, write_and_read);
	end();
}

CLIENT(rwlock, two_readers_one_writer, .threads = 3, .about = "a section each")
{
	begin(impl);
	expected = TOGETHER(read_once, read_once, write_once);
	end();
}

CLIENT(rwlock, two_writers_one_reader, .threads = 3, .size = CLIENT_LARGE,
       .about = "a section each")
{
	begin(impl);
	expected = TOGETHER(write_once, write_once, read_once);
	end();
}

CLIENT(rwlock, write_3, .threads = 3, .size = CLIENT_LARGE,
       .about = "a writer's section each")
{
	begin(impl);
	expected = TOGETHER(write_once, write_once, write_once);
	end();
}

CLIENT(rwlock, wrap, .threads = 2, .lacks = lacks_age,
       .about = "two sections each, while the counters wrap round")
{
	begin(impl);
	l->id.age(rwlock, 1);
	expected = TOGETHER(write_and_read, write_and_read);
	end();
}

/* ---- readers share: each stays inside until the others are ---- */

static unsigned readers;
static _Atomic unsigned inside;

/* relaxed: it must not order what the lock orders */
static void arrive(void)
{
	atomic_fetch_add_explicit(&inside, 1, memory_order_relaxed);
}

static void stay_until_all_are_in(void)
{
	arrive();
	while (atomic_load_explicit(&inside, memory_order_relaxed) < readers)
		sched_yield();
}

static unsigned read_with_others(void)
{
	struct node node = { 0 };

	l->rdlock(rwlock, &node);
	stay_until_all_are_in();
	leave_as_reader(&node);
	return 0;
}

static unsigned try_read_with_others(void)
{
	struct node node = { 0 };

	if (l->tryrdlock(rwlock, &node) == SYNC_OK) {
		stay_until_all_are_in();
		leave_as_reader(&node);
	} else {
		arrive();
	}
	return 0;
}

CLIENT(rwlock, readers_share, .threads = 2,
       .about = "two readers that stay inside until both are")
{
	begin(impl);
	readers = 2;
	TOGETHER(read_with_others, read_with_others);
	end();
}

/* A writer is inside when the two come. */
static void write_before(part *one, part *other)
{
	struct node node = { 0 };
	pthread_t threads[2];

	readers = 2;
	l->wrlock(rwlock, &node);
	threads[0] = start(one);
	threads[1] = start(other);
	expected++;
	leave_as_writer(&node);
	expected += join(threads[0]);
	expected += join(threads[1]);
}

CLIENT(rwlock, readers_share_after_writer, .threads = 3,
       .about = "a writer leaves; two readers stay inside until both are")
{
	begin(impl);
	write_before(read_with_others, read_with_others);
	end();
}

CLIENT(rwlock, try_forgets_no_sleeper, .threads = 3, .lacks = lacks_tryrdlock,
       .about = "a writer leaves; one who tries stays until a reader is in")
{
	begin(impl);
	write_before(read_with_others, try_read_with_others);
	end();
}

/* ---- try forms ---- */

static unsigned if_writer(int result, struct node *node)
{
	assert(result == SYNC_OK || result == SYNC_BUSY ||
	       result == SYNC_TIMEOUT);
	if (result != SYNC_OK)
		return 0;
	leave_as_writer(node);
	return 1;
}

static unsigned if_reader(int result, struct node *node)
{
	assert(result == SYNC_OK || result == SYNC_BUSY ||
	       result == SYNC_TIMEOUT);
	if (result == SYNC_OK)
		leave_as_reader(node);
	return 0;
}

static unsigned try_write(void)
{
	struct node node = { 0 };

	return if_writer(l->trywrlock(rwlock, &node), &node);
}

static unsigned try_read(void)
{
	struct node node = { 0 };

	return if_reader(l->tryrdlock(rwlock, &node), &node);
}

/* Nobody is inside: it is had at once, and others are told that it is. */
static void try_write_alone(void)
{
	struct node node = { 0 };

	assert(l->trywrlock(rwlock, &node) == SYNC_OK);
	assert(l->trywrlock(rwlock, &(struct node){ 0 }) == SYNC_BUSY);
	expected++;
	leave_as_writer(&node);
}

static void try_read_alone(void)
{
	struct node node = { 0 };

	assert(l->tryrdlock(rwlock, &node) == SYNC_OK);
	leave_as_reader(&node);
}

CLIENT(rwlock, tryrdlock_beside_write, .threads = 2, .lacks = lacks_tryrdlock,
       .about = "one who tries to read beside a writer")
{
	begin(impl);
	expected = TOGETHER(write_once, try_read);
	try_read_alone();
	end();
}

CLIENT(rwlock, trywrlock_beside_write, .threads = 2, .lacks = lacks_trywrlock,
       .about = "one who tries to write beside a writer")
{
	begin(impl);
	expected = TOGETHER(write_once, try_write);
	try_write_alone();
	end();
}

CLIENT(rwlock, trywrlock_beside_read, .threads = 2, .lacks = lacks_trywrlock,
       .about = "one who tries to write beside a reader")
{
	begin(impl);
	expected = TOGETHER(read_once, try_write);
	try_write_alone();
	end();
}

CLIENT(rwlock, trywrlock_forgets_no_sleeper, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_trywrlock,
       .about = "one who tries to write beside a reader and a writer")
{
	begin(impl);
	expected = TOGETHER(read_once, write_once, try_write);
	end();
}

/* ---- timed forms ---- */

static unsigned write_soon(void)
{
	struct node node = { 0 };
	uint64_t deadline = soon();

	return if_writer(not_early(l->timedwrlock(rwlock, &node, deadline),
				   deadline),
			 &node);
}

static unsigned read_soon(void)
{
	struct node node = { 0 };
	uint64_t deadline = soon();

	return if_reader(not_early(l->timedrdlock(rwlock, &node, deadline),
				   deadline),
			 &node);
}

/* What can be had is had, however late. */
static void timed_read_alone(void)
{
	struct node node = { 0 };

	assert(l->timedrdlock(rwlock, &node, 0) == SYNC_OK);
	leave_as_reader(&node);
}

static void timed_write_alone(void)
{
	struct node node = { 0 };

	assert(l->timedwrlock(rwlock, &node, 0) == SYNC_OK);
	assert(l->timedwrlock(rwlock, &(struct node){ 0 }, 0) == SYNC_TIMEOUT);
	expected++;
	leave_as_writer(&node);
}

CLIENT(rwlock, timedrdlock_beside_write, .threads = 2,
       .lacks = lacks_timedrdlock,
       .about = "a reader that may give up beside a writer")
{
	begin(impl);
	expected = TOGETHER(write_once, read_soon);
	timed_read_alone();
	end();
}

CLIENT(rwlock, timedwrlock_beside_read, .threads = 2,
       .lacks = lacks_timedwrlock,
       .about = "a writer that may give up beside a reader")
{
	begin(impl);
	expected = TOGETHER(read_once, write_soon);
	timed_write_alone();
	end();
}

CLIENT(rwlock, timedwrlock_beside_write, .threads = 2,
       .lacks = lacks_timedwrlock,
       .about = "a writer that may give up beside a writer")
{
	begin(impl);
	expected = TOGETHER(write_once, write_soon);
	timed_write_alone();
	end();
}

CLIENT(rwlock, timeout_takes_no_wake, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_timedwrlock,
       .about = "a reader and a writer beside a writer that may give up")
{
	begin(impl);
	expected = TOGETHER(read_once, write_once, write_soon);
	end();
}

CLIENT(rwlock, late_writer_passes_on, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_timedwrlock,
       .about = "a writer leaves; a reader beside a writer that may give up")
{
	begin(impl);
	write_before(read_once, write_soon);
	end();
}

/* A writer that gives up lets in the readers that it has held back. */
CLIENT(rwlock, late_writer_gives_way, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_timedwrlock,
       .about = "two readers beside a writer that may give up")
{
	begin(impl);
	expected = TOGETHER(read_once, read_once, write_soon);
	end();
}

/* ---- the last one frees ---- */

static unsigned references; /* one of the two is a writer */

static void drop_reference(struct node *node)
{
	bool last = --references == 0;

	l->unlock(rwlock, node);
	if (last)
		discard();
}

static unsigned write_and_drop(void)
{
	struct node node = { 0 };

	l->wrlock(rwlock, &node);
	drop_reference(&node);
	return 0;
}

CLIENT(rwlock, last_writer_frees, .threads = 2,
       .about = "two writers, of whom the last destroys and frees")
{
	begin(impl);
	references = 2;
	TOGETHER(write_and_drop, write_and_drop);
}

/* A writer that comes last has seen the reader leave: it excludes it. */
static unsigned read_and_drop(void)
{
	struct node node = { 0 };

	l->rdlock(rwlock, &node);
	drop_reference(&node);
	return 0;
}

CLIENT(rwlock, last_of_both_frees, .threads = 2,
       .about = "a reader and a writer, of whom the last destroys and frees")
{
	begin(impl);
	references = 2;
	TOGETHER(read_and_drop, write_and_drop);
}
