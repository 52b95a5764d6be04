/* SPDX-License-Identifier: MIT */
/*
 * The laws of a readers-writer lock: see primitives/rwlock.h.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../primitives/rwlock.h"
#include "law.h"

/* What a crew shares: the lock and data that it guards. */
struct bench {
	const struct rwlock_impl *impl;
	void *lock;
	unsigned rounds;
	uint64_t guarded, twin; /* plain, always equal outside a section */
	_Atomic unsigned readers, writers; /* inside at the moment */
	_Atomic unsigned written, taken, stage;
};

static struct bench bench_new(const struct rwlock_impl *impl, unsigned rounds)
{
	struct bench b = { .impl = impl,
			   .lock = law_object(&impl->id),
			   .rounds = law_rounds(rounds) };

	if (impl->init)
		CHECK_EQ(impl->init(b.lock), 0);
	law_age(&impl->id, b.lock);
	return b;
}

static void bench_end(struct bench *b)
{
	if (b->impl->destroy)
		b->impl->destroy(b->lock);
	free(b->lock);
}

/* A writer's section, within wrlock and unlock. */
static void write_inside(struct bench *b)
{
	CHECK_EQ(atomic_fetch_add(&b->writers, 1), 0);
	CHECK_EQ(atomic_load(&b->readers), 0);
	b->guarded++;
	b->twin++;
	CHECK_EQ(atomic_fetch_sub(&b->writers, 1), 1);
}

static void read_inside(struct bench *b)
{
	atomic_fetch_add(&b->readers, 1);
	CHECK_EQ(atomic_load(&b->writers), 0);
	CHECK(b->guarded == b->twin);
	atomic_fetch_sub(&b->readers, 1);
}

static void write_only(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		b->impl->wrlock(b->lock, node);
		write_inside(b);
		b->impl->unlock(b->lock, node);
	}
	free(node);
}

LAW(rwlock, writers_exclude, "never two writers inside")
{
	struct bench b = bench_new(impl, 30000);

	law_crew(4, write_only, &b);
	CHECK_EQ(b.guarded, 4 * b.rounds);
	bench_end(&b);
}

static void read_and_write(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	for (unsigned i = 0; i < b->rounds; i++) {
		if ((i + index) % 4 == 0) {
			b->impl->wrlock(b->lock, node);
			write_inside(b);
			atomic_fetch_add(&b->written, 1);
		} else {
			b->impl->rdlock(b->lock, node);
			read_inside(b);
		}
		b->impl->unlock(b->lock, node);
	}
	free(node);
}

LAW(rwlock, readers_exclude_writers, "never a reader and a writer inside")
{
	struct bench b = bench_new(impl, 20000);

	law_crew(4, read_and_write, &b);
	CHECK_EQ(b.guarded, b.written);
	bench_end(&b);
}

LAW(rwlock, survives_oversubscription, "16 threads finish on few cores")
{
	struct bench b = bench_new(impl, 1500);

	law_crew(16, read_and_write, &b);
	CHECK_EQ(b.guarded, b.written);
	bench_end(&b);
}

/* Stays inside until all four are: only if readers share does it end. */
static void meet_inside(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	if (index % 2 && b->impl->timedrdlock)
		CHECK_EQ(b->impl->timedrdlock(b->lock, node, DEADLINE_NEVER),
			 SYNC_OK);
	else
		b->impl->rdlock(b->lock, node);
	atomic_fetch_add(&b->readers, 1);
	EVENTUALLY(atomic_load(&b->readers) == 4);
	CHECK(b->guarded == b->twin);
	b->impl->unlock(b->lock, node);
	free(node);
}

LAW(rwlock, readers_share, "all readers can be inside together")
{
	struct bench b = bench_new(impl, 100);

	for (unsigned i = 0; i < b.rounds; i++) {
		atomic_store(&b.readers, 0);
		law_crew(4, meet_inside, &b);
	}
	bench_end(&b);
}

/* More than a count of 8 bits can tell apart; fewer where time is short. */
enum { MANY = 300 };

static void stay_inside(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	(void)index;
	b->impl->rdlock(b->lock, node);
	atomic_fetch_add(&b->readers, 1);
	EVENTUALLY(atomic_load(&b->stage));
	b->impl->unlock(b->lock, node);
	free(node);
}

static bool all_are_in(struct bench *b, void *node)
{
	if (atomic_load(&b->readers) && b->impl->trywrlock)
		CHECK_EQ(b->impl->trywrlock(b->lock, node), SYNC_BUSY);
	return atomic_load(&b->readers) == b->rounds;
}

LAW(rwlock, many_readers_share,
    "any number of readers can be inside, and no writer beside them")
{
	struct bench b = bench_new(impl, MANY);
	void *node = law_node(&impl->id);
	struct crew *c = crew_start(b.rounds, stay_inside, &b);

	EVENTUALLY(all_are_in(&b, node));
	atomic_store(&b.stage, 1);
	crew_join(c);
	impl->wrlock(b.lock, node);
	impl->unlock(b.lock, node);
	free(node);
	bench_end(&b);
}

LAW(rwlock, readers_share_after_writer,
    "all that waited for a writer get in together")
{
	struct bench b = bench_new(impl, 100);
	void *node = law_node(&impl->id);

	for (unsigned i = 0; i < b.rounds; i++) {
		struct crew *c;

		atomic_store(&b.readers, 0);
		impl->wrlock(b.lock, node);
		c = crew_start(4, meet_inside, &b);
		/* some of them asleep, some on their way */
		if (i % 2)
			law_pause();
		b.guarded++;
		b.twin++;
		impl->unlock(b.lock, node);
		crew_join(c);
	}
	free(node);
	bench_end(&b);
}

static void publish(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	for (unsigned i = 0; i < b->rounds; i++) {
		if (index % 2) {
			/* plain, so that ThreadSanitizer sees a missing edge */
			b->impl->wrlock(b->lock, node);
			b->guarded = b->guarded * 3 + 1;
			b->twin = b->guarded;
		} else {
			b->impl->rdlock(b->lock, node);
			CHECK(b->twin == b->guarded);
		}
		/* let others queue up: the slow paths publish as well */
		if (i % 16 == 0)
			sched_yield();
		b->impl->unlock(b->lock, node);
	}
	free(node);
}

LAW(rwlock, publishes, "a section sees all that earlier writers wrote")
{
	struct bench b = bench_new(impl, 10000);
	uint64_t expected = 0;

	law_crew(4, publish, &b);
	for (unsigned i = 0; i < 2 * b.rounds; i++)
		expected = expected * 3 + 1;
	CHECK(b.guarded == expected);
	bench_end(&b);
}

static void try_beside_writer(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	(void)index;
	CHECK_EQ(b->impl->tryrdlock(b->lock, node), SYNC_BUSY);
	CHECK_EQ(b->impl->trywrlock(b->lock, node), SYNC_BUSY);
	free(node);
}

static void try_beside_reader(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	(void)index;
	CHECK_EQ(b->impl->trywrlock(b->lock, node), SYNC_BUSY);
	CHECK_EQ(b->impl->tryrdlock(b->lock, node), SYNC_OK);
	b->impl->unlock(b->lock, node);
	CHECK_EQ(b->impl->trywrlock(b->lock, node), SYNC_BUSY);
	free(node);
}

static void try_when_free(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	(void)index;
	if (!b->impl->tryrdlock || !b->impl->trywrlock) {
		free(node);
		return;
	}
	CHECK_EQ(b->impl->trywrlock(b->lock, node), SYNC_OK);
	b->impl->unlock(b->lock, node);
	CHECK_EQ(b->impl->tryrdlock(b->lock, node), SYNC_OK);
	b->impl->unlock(b->lock, node);
	free(node);
}

LAW(rwlock, try_never_blocks, "the try forms say at once whether they got in")
{
	struct bench b = bench_new(impl, 1);
	void *node = law_node(&impl->id);

	NEEDS(tryrdlock);
	NEEDS(trywrlock);
	impl->wrlock(b.lock, node);
	law_crew(1, try_beside_writer, &b);
	impl->unlock(b.lock, node);
	impl->rdlock(b.lock, node);
	law_crew(1, try_beside_reader, &b);
	impl->unlock(b.lock, node);
	law_crew(1, try_when_free, &b);
	free(node);
	bench_end(&b);
}

/* True if in; SYNC_TIMEOUT is an answer only once the deadline has passed. */
static bool in_by(struct bench *b, void *node, bool write, uint64_t deadline)
{
	int r = write ? b->impl->timedwrlock(b->lock, node, deadline)
		      : b->impl->timedrdlock(b->lock, node, deadline);

	if (r == SYNC_OK)
		return true;
	CHECK_EQ(r, SYNC_TIMEOUT);
	CHECK(now_ns() >= deadline);
	return false;
}

/* Get in, in the form that i asks for; true if in. */
static bool read_as(struct bench *b, void *node, unsigned i, uint64_t wait_ns)
{
	if (i % 3 == 1 && b->impl->tryrdlock)
		return b->impl->tryrdlock(b->lock, node) == SYNC_OK;
	if (i % 3 == 2 && b->impl->timedrdlock)
		return in_by(b, node, false, deadline_in(wait_ns));
	b->impl->rdlock(b->lock, node);
	return true;
}

static bool write_as(struct bench *b, void *node, unsigned i, uint64_t wait_ns)
{
	if (i % 3 == 1 && b->impl->trywrlock)
		return b->impl->trywrlock(b->lock, node) == SYNC_OK;
	if (i % 3 == 2 && b->impl->timedwrlock)
		return in_by(b, node, true, deadline_in(wait_ns));
	b->impl->wrlock(b->lock, node);
	return true;
}

static void mixed_forms(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	for (unsigned i = 0; i < b->rounds; i++) {
		unsigned form = i / 2 + index;

		if ((i + index) % 2) {
			if (!write_as(b, node, form, 30 * NS_PER_US))
				continue;
			write_inside(b);
			atomic_fetch_add(&b->written, 1);
		} else {
			if (!read_as(b, node, form, 30 * NS_PER_US))
				continue;
			read_inside(b);
		}
		b->impl->unlock(b->lock, node);
	}
	free(node);
}

LAW(rwlock, forms_mix, "all six ways in exclude one another as they should")
{
	struct bench b = bench_new(impl, 20000);

	law_crew(4, mixed_forms, &b);
	CHECK_EQ(b.guarded, b.written);
	law_crew(1, try_when_free, &b);
	bench_end(&b);
}

static void time_out(struct bench *b, bool write)
{
	void *node = law_node(&b->impl->id);
	uint64_t deadline = SOON;
	int (*timed)(void *lock, void *n, uint64_t deadline) =
		write ? b->impl->timedwrlock : b->impl->timedrdlock;

	CHECK_EQ(timed(b->lock, node, deadline), SYNC_TIMEOUT);
	CHECK(now_ns() >= deadline);
	CHECK_EQ(timed(b->lock, node, 0), SYNC_TIMEOUT);
	free(node);
}

static void time_out_both(void *shared, unsigned index)
{
	time_out(shared, index % 2);
}

static void time_out_writing(void *shared, unsigned index)
{
	(void)index;
	time_out(shared, true);
}

LAW(rwlock, timed_times_out, "a held lock times out, and not too early")
{
	struct bench b = bench_new(impl, 1);
	void *node = law_node(&impl->id);

	NEEDS(timedrdlock);
	NEEDS(timedwrlock);
	impl->wrlock(b.lock, node);
	law_crew(4, time_out_both, &b);
	impl->unlock(b.lock, node);
	/* and the waiters that left have left nothing behind */
	law_crew(1, try_when_free, &b);
	impl->rdlock(b.lock, node);
	law_crew(3, time_out_writing, &b);
	law_crew(1, try_beside_reader, &b);
	impl->unlock(b.lock, node);
	law_crew(1, try_when_free, &b);
	free(node);
	bench_end(&b);
}

struct patient {
	struct bench b;
	struct law_waiter waiters[2 * FAR_DEADLINES];
};

static void wait_for_ages(void *shared, unsigned index)
{
	struct patient *p = shared;
	void *node = law_node(&p->b.impl->id);

	law_about_to_wait(&p->waiters[index]);
	CHECK(in_by(&p->b, node, index % 2, law_far_deadline(index / 2)));
	p->b.impl->unlock(p->b.lock, node);
	free(node);
}

LAW(rwlock, far_deadline_waits, "a deadline years away has not passed")
{
	struct patient p = { .b = bench_new(impl, 1) };
	void *node = law_node(&impl->id);
	struct crew *c;

	NEEDS(timedrdlock);
	NEEDS(timedwrlock);
	impl->wrlock(p.b.lock, node);
	c = crew_start_waiting(2 * FAR_DEADLINES, wait_for_ages, &p, p.waiters);
	impl->unlock(p.b.lock, node);
	crew_join(c);
	free(node);
	bench_end(&p.b);
}

/* Half of them with a deadline that nobody reaches. */
static void wait_for_hours(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);
	const uint64_t far = deadline_in(10000 * NS_PER_S);

	for (unsigned i = 0; i < b->rounds; i++) {
		bool write = (i + index / 2) % 3 == 0;

		if (index % 2)
			CHECK(in_by(b, node, write, far));
		else if (write)
			b->impl->wrlock(b->lock, node);
		else
			b->impl->rdlock(b->lock, node);
		/* the word changes as others go to sleep */
		if ((i + index) % 16 == 0)
			sched_yield();
		b->impl->unlock(b->lock, node);
	}
	free(node);
}

LAW(rwlock, timed_waits_its_time,
    "a timed form does not give up before its deadline, whoever comes and goes")
{
	struct bench b = bench_new(impl, 5000);

	NEEDS(timedrdlock);
	NEEDS(timedwrlock);
	law_crew(5, wait_for_hours, &b);
	bench_end(&b);
}

/* One that waits in vain for a writer to leave, and is interrupted. */
struct late {
	struct bench b;
	struct law_waiter waiter;
	uint64_t deadline;
	bool write;
	_Atomic bool done;
};

static void time_out_interrupted(void *shared, unsigned index)
{
	struct late *l = shared;
	void *node = law_node(&l->b.impl->id);

	(void)index;
	law_about_to_wait(&l->waiter);
	CHECK(!in_by(&l->b, node, l->write, l->deadline));
	atomic_store(&l->done, true);
	free(node);
}

LAW(rwlock, interrupted_times_out,
    "a timed form ends by its deadline, however often it is interrupted")
{
	NEEDS(timedrdlock);
	NEEDS(timedwrlock);
	for (int write = 0; write < 2; write++) {
		struct late l = { .b = bench_new(impl, 1), .write = write };
		void *node = law_node(&impl->id);
		struct crew *c;

		impl->wrlock(l.b.lock, node);
		l.deadline = SOON;
		c = crew_start(1, time_out_interrupted, &l);
		law_interrupt(&l.waiter, l.deadline, &l.done);
		crew_join(c);
		impl->unlock(l.b.lock, node);
		law_crew(1, try_when_free, &l.b);
		free(node);
		bench_end(&l.b);
	}
}

static void time_in_beside_reader(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	(void)index;
	CHECK_EQ(b->impl->timedrdlock(b->lock, node, 0), SYNC_OK);
	b->impl->unlock(b->lock, node);
	free(node);
}

LAW(rwlock, timed_takes_free, "a lock that can be had is had, however late")
{
	struct bench b = bench_new(impl, 1);
	void *node = law_node(&impl->id);
	static const uint64_t deadlines[] = { 0, 1, DEADLINE_NEVER };

	NEEDS(timedrdlock);
	NEEDS(timedwrlock);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(impl->timedwrlock(b.lock, node, deadlines[i]), 0);
		impl->unlock(b.lock, node);
		CHECK_EQ(impl->timedrdlock(b.lock, node, deadlines[i]), 0);
		law_crew(1, time_in_beside_reader, &b);
		impl->unlock(b.lock, node);
	}
	free(node);
	bench_end(&b);
}

static void wait_for_it(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	for (unsigned i = 0; i < b->rounds; i++) {
		if ((i + index) % 2)
			b->impl->wrlock(b->lock, node);
		else
			b->impl->rdlock(b->lock, node);
		/* hold it across a time slice: the others go to sleep */
		if (i % 8 == 0)
			sched_yield();
		atomic_fetch_add(&b->taken, 1);
		b->impl->unlock(b->lock, node);
	}
	free(node);
}

LAW(rwlock, no_lost_wakeup, "sleeping readers and writers get it in the end")
{
	struct bench b = bench_new(impl, 200);
	void *node = law_node(&impl->id);
	unsigned rounds = law_rounds(20);

	for (unsigned round = 0; round < rounds; round++) {
		struct crew *c;

		if (round % 2)
			impl->rdlock(b.lock, node);
		else
			impl->wrlock(b.lock, node);
		c = crew_start(4, wait_for_it, &b);
		law_pause(); /* they fall asleep, most of the time */
		impl->unlock(b.lock, node);
		crew_join(c);
	}
	CHECK_EQ(b.taken, 4 * b.rounds * rounds);
	free(node);
	bench_end(&b);
}

/* Gets in by trying, and stays until the reader that slept is in as well. */
static void try_and_stay(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	if (index == 0) {
		b->impl->rdlock(b->lock, node);
	} else {
		SHORTLY(!b->impl->tryrdlock(b->lock, node));
	}
	atomic_fetch_add(&b->readers, 1);
	EVENTUALLY(atomic_load(&b->readers) == 2);
	b->impl->unlock(b->lock, node);
	free(node);
}

LAW(rwlock, try_forgets_no_sleeper,
    "a reader that got in by trying leaves no other reader asleep")
{
	struct bench b = bench_new(impl, 200);
	void *node = law_node(&impl->id);

	NEEDS(tryrdlock);
	for (unsigned i = 0; i < b.rounds; i++) {
		struct crew *c;

		atomic_store(&b.readers, 0);
		impl->wrlock(b.lock, node);
		c = crew_start(2, try_and_stay, &b);
		if (i % 2)
			law_pause();
		impl->unlock(b.lock, node);
		crew_join(c);
	}
	free(node);
	bench_end(&b);
}

static void try_to_write(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	for (unsigned i = 0; i < b->rounds; i++) {
		if (index) {
			b->impl->rdlock(b->lock, node);
			read_inside(b);
		} else if (b->impl->trywrlock(b->lock, node) == SYNC_OK) {
			write_inside(b);
		} else {
			continue;
		}
		b->impl->unlock(b->lock, node);
	}
	free(node);
}

LAW(rwlock, trywrlock_forgets_no_sleeper,
    "a writer that got in by trying wakes those who wait for it")
{
	struct bench b = bench_new(impl, 50000);

	NEEDS(trywrlock);
	law_crew(3, try_to_write, &b);
	bench_end(&b);
}

static void give_up_or_take(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	for (unsigned i = 0; i < b->rounds; i++) {
		uint64_t ns = (i * 7 + index * 13) % 40 * NS_PER_US;
		bool write = (i + index) % 2;

		if (!in_by(b, node, write, deadline_in(ns)))
			continue;
		if (i % 4 == 0)
			sched_yield();
		if (write) {
			write_inside(b);
			atomic_fetch_add(&b->written, 1);
		} else {
			read_inside(b);
		}
		b->impl->unlock(b->lock, node);
	}
	/* whoever waits without a deadline must still get it */
	b->impl->wrlock(b->lock, node);
	b->impl->unlock(b->lock, node);
	b->impl->rdlock(b->lock, node);
	b->impl->unlock(b->lock, node);
	free(node);
}

LAW(rwlock, timeout_races_unlock, "who gives up takes no wake along")
{
	struct bench b = bench_new(impl, 2500);

	NEEDS(timedrdlock);
	NEEDS(timedwrlock);
	law_crew(5, give_up_or_take, &b);
	CHECK_EQ(b.guarded, b.written);
	law_crew(1, try_when_free, &b);
	bench_end(&b);
}

/* 0 and 1 want to write for a while, 2 and 3 to read, meanwhile. */
static void read_past_writers(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);
	uint64_t ns = (atomic_load(&b->stage) % 8 + index) * 30 * NS_PER_US;

	if (index < 2) {
		CHECK_EQ(b->impl->timedwrlock(b->lock, node, deadline_in(ns)),
			 SYNC_TIMEOUT);
	} else {
		b->impl->rdlock(b->lock, node);
		b->impl->unlock(b->lock, node);
	}
	free(node);
}

LAW(rwlock, writer_gives_way_when_late,
    "a writer that gives up lets the readers in that it held back")
{
	struct bench b = bench_new(impl, 500);
	void *node = law_node(&impl->id);

	NEEDS(timedwrlock);
	impl->rdlock(b.lock, node);
	/* we stay inside: no unlock of ours can let the others in */
	for (unsigned i = 0; i < b.rounds; i++) {
		atomic_store(&b.stage, i);
		law_crew(4, read_past_writers, &b);
	}
	impl->unlock(b.lock, node);
	law_crew(1, try_when_free, &b);
	free(node);
	bench_end(&b);
}

/* 0 wants to write for as long as another writer is inside, or so. */
static void meet_the_deadline(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	for (unsigned i = 0; i < b->rounds; i++) {
		law_meet(&b->stage, i + 1);
		if (index)
			b->impl->rdlock(b->lock, node);
		if (index || in_by(b, node, true, deadline_in(50 * NS_PER_US)))
			b->impl->unlock(b->lock, node);
		atomic_fetch_add(&b->taken, 1);
	}
	free(node);
}

LAW(rwlock, late_writer_passes_on,
    "a writer that gives up as it was to be the next leaves no reader asleep")
{
	struct bench b = bench_new(impl, 500);
	void *node = law_node(&impl->id);
	struct crew *c;

	NEEDS(timedwrlock);
	c = crew_start(2, meet_the_deadline, &b);
	for (unsigned i = 0; i < b.rounds; i++) {
		uint64_t until;

		impl->wrlock(b.lock, node);
		atomic_store(&b.stage, i + 1);
		until = now_ns() + (30 + i * 7 % 128) * NS_PER_US;
		law_busy_until(until);
		impl->unlock(b.lock, node);
		SHORTLY(atomic_load(&b.taken) == 2 * (i + 1));
	}
	crew_join(c);
	free(node);
	bench_end(&b);
}

/* Two readers, 0 and 1, whose sections overlap for ever, and a writer. */
struct relay {
	struct bench b;
	struct law_waiter writer;
	_Atomic unsigned entered[2];
	_Atomic unsigned bypasses; /* sections begun while the writer waited */
	_Atomic bool waiting, done;
};

enum { BYPASSES = 1000, LOOKS = 200, PAUSES = 10 };

/* Until the other reader has come in as well; if it does not for so long, it is
 * held back, or late: then the writer has its chance. */
static void stay_until_relieved(struct relay *r, unsigned other, unsigned came)
{
	for (unsigned i = 0; i < LOOKS + PAUSES; i++) {
		if (atomic_load(&r->entered[other]) != came)
			return;
		if (i < LOOKS)
			sched_yield();
		else
			law_pause();
	}
}

static void relay_reading(struct relay *r, void *node, unsigned index)
{
	while (!atomic_load(&r->done)) {
		if (atomic_load(&r->waiting))
			CHECK(atomic_fetch_add(&r->bypasses, 1) < BYPASSES);
		r->b.impl->rdlock(r->b.lock, node);

		unsigned came = atomic_load(&r->entered[!index]);

		atomic_fetch_add(&r->entered[index], 1);
		stay_until_relieved(r, !index, came);
		r->b.impl->unlock(r->b.lock, node);
	}
}

static void relay(void *shared, unsigned index)
{
	struct relay *r = shared;
	void *node = law_node(&r->b.impl->id);

	if (index < 2) {
		relay_reading(r, node, index);
	} else {
		EVENTUALLY(atomic_load(&r->entered[0]) &&
			   atomic_load(&r->entered[1]));
		law_about_to_wait(&r->writer);
		r->b.impl->wrlock(r->b.lock, node);
		atomic_store(&r->done, true);
		r->b.impl->unlock(r->b.lock, node);
	}
	free(node);
}

LAW(rwlock, writer_not_starved,
    "readers that come after a waiting writer do not go before it for ever")
{
	const struct settings *s = trial_settings();

	if (!(impl->id.flags & IMPL_NO_STARVATION))
		trial_skip("not flagged: its readers may starve a writer");
	if (s->perturbation.strategy != PERTURB_NONE)
		trial_skip("a writer that the schedule stops looks starved");
	for (unsigned i = law_rounds(10); i > 0; i--) {
		struct relay r = { .b = bench_new(impl, 1) };
		struct crew *c = crew_start(3, relay, &r);

		law_until_waiting(&r.writer);
		atomic_store(&r.waiting, true);
		crew_join(c);
		bench_end(&r.b);
	}
}

LAW(rwlock, zero_is_unlocked, "all-zero bytes are an unlocked lock")
{
	void *lock = law_object(&impl->id);
	void *node = law_node(&impl->id);

	if (impl->id.flags & IMPL_NEEDS_INIT)
		trial_skip("needs init");
	impl->rdlock(lock, node);
	impl->unlock(lock, node);
	impl->wrlock(lock, node);
	impl->unlock(lock, node);
	free(node);
	free(lock);
}

LAW(rwlock, fits_if_small, "without the flag LARGE it fits a pthread_mutex_t")
{
	if (impl->id.flags & IMPL_LARGE)
		trial_skip("flagged as large");
	CHECK(impl->id.size > 0 && impl->id.size <= IMPL_SMALL_BYTES);
}

/* One reads, the others write, so that the last knows all others have left. */
static void reuse(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	for (unsigned i = 0; i < b->rounds; i++) {
		if ((i + index) % 3 == 0)
			b->impl->rdlock(b->lock, node);
		else
			b->impl->wrlock(b->lock, node);
		bool last = atomic_fetch_add(&b->taken, 1) == 3 * i + 2;

		b->impl->unlock(b->lock, node);
		if (last) {
			/* the others have unlocked: nobody may touch it */
			if (b->impl->destroy)
				b->impl->destroy(b->lock);
			memset(b->lock, 0xa5, b->impl->id.size);
			memset(b->lock, 0, b->impl->id.size);
			if (b->impl->init)
				CHECK_EQ(b->impl->init(b->lock), 0);
			law_age(&b->impl->id, b->lock);
			atomic_store(&b->stage, i + 1);
		} else {
			law_meet(&b->stage, i + 1);
		}
	}
	free(node);
}

LAW(rwlock, destroy_after_unlock, "the last user may destroy it at once")
{
	struct bench b = bench_new(impl, 10000);

	law_crew(3, reuse, &b);
	bench_end(&b);
}
