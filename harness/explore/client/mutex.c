/* SPDX-License-Identifier: MIT */
/*
 * Clients of mutexes: primitives/mutex.h. What the mutex guards is plain
 * memory, so that a lack of exclusion or of an edge is a data race.
 */
#include "kit.h"

#include "../../../primitives/mutex.h"

LACKS(lacks_try, mutex, trylock)
LACKS(lacks_timed, mutex, timedlock)

static const char *lacks_call(const void *impl)
{
	const struct mutex_impl *i = impl;

	return i->call ? NULL : "does not delegate";
}

static const struct mutex_impl *m;
static void *mutex;
static unsigned sum, expected;

static void begin(const void *impl)
{
	m = impl;
	mutex = object_new(&m->id);
	if (m->init)
		assert(m->init(mutex) == SYNC_OK);
}

static void discard(void)
{
	if (m->destroy)
		m->destroy(mutex);
	free(mutex);
}

static void end(void)
{
	assert(sum == expected);
	discard();
}

/* For one who got in, in whatever way. */
static void leave(struct node *node)
{
	sum++;
	m->unlock(mutex, node);
}

static unsigned section(void)
{
	struct node node = { 0 };

	m->lock(mutex, &node);
	leave(&node);
	return 1;
}

static unsigned two_sections(void)
{
	struct node node = { 0 };

	for (int i = 0; i < 2; i++) {
		m->lock(mutex, &node);
		leave(&node);
	}
	return 2;
}

CLIENT(mutex, exclusion_2, .threads = 2, .about = "a section each")
{
	begin(impl);
	expected = TOGETHER(section, section);
	end();
}

CLIENT(mutex, exclusion_2x2, .threads = 2, .about = "two sections each")
{
	begin(impl);
	expected = TOGETHER(two_sections, two_sections);
	end();
}

CLIENT(mutex, exclusion_3, .threads = 3, .about = "a section each")
{
	begin(impl);
	expected = TOGETHER(section, section, section);
	end();
}

CLIENT(mutex, alone_again_and_again, .threads = 0,
       .about = "a hundred sections by one thread")
{
	struct node node = { 0 };

	begin(impl);
	for (; expected < 100; expected++) {
		m->lock(mutex, &node);
		leave(&node);
	}
	end();
}

CLIENT(mutex, wrap_2x2, .threads = 2, .lacks = lacks_age,
       .about = "two sections each, while the counters wrap round")
{
	begin(impl);
	m->id.age(mutex, 1);
	expected = TOGETHER(two_sections, two_sections);
	end();
}

/* The edge alone: what a thread did before its section, not in it. */
static unsigned sent;
static bool is_sent;

static unsigned send(void)
{
	struct node node = { 0 };

	sent = 7;
	m->lock(mutex, &node);
	is_sent = true;
	m->unlock(mutex, &node);
	return 0;
}

static unsigned receive(void)
{
	struct node node = { 0 };

	m->lock(mutex, &node);
	bool here = is_sent;
	m->unlock(mutex, &node);
	if (here)
		assert(sent == 7);
	return 0;
}

CLIENT(mutex, message, .threads = 2,
       .about = "what one did before its section, another sees after its own")
{
	begin(impl);
	TOGETHER(send, receive);
	end();
}

static unsigned try(void)
{
	struct node node = { 0 };
	int result = m->trylock(mutex, &node);

	assert(result == SYNC_OK || result == SYNC_BUSY);
	if (result != SYNC_OK)
		return 0;
	leave(&node);
	return 1;
}

/* Nobody is inside: it is had at once. */
static void try_alone(void)
{
	struct node node = { 0 };

	assert(m->trylock(mutex, &node) == SYNC_OK);
	assert(m->trylock(mutex, &(struct node){ 0 }) == SYNC_BUSY);
	expected++;
	leave(&node);
}

CLIENT(mutex, try_2, .threads = 2, .lacks = lacks_try,
       .about = "a section beside a trylock")
{
	begin(impl);
	expected = TOGETHER(section, try);
	try_alone();
	end();
}

CLIENT(mutex, try_beside_try, .threads = 2, .lacks = lacks_try,
       .about = "two trylocks, one of which gets it")
{
	begin(impl);
	expected = TOGETHER(try, try);
	assert(expected >= 1);
	end();
}

CLIENT(mutex, try_3, .threads = 3, .lacks = lacks_try,
       .about = "two sections beside a trylock")
{
	begin(impl);
	expected = TOGETHER(section, section, try);
	end();
}

static unsigned timed(uint64_t deadline)
{
	struct node node = { 0 };
	int result = m->timedlock(mutex, &node, deadline);

	assert(result == SYNC_OK || result == SYNC_TIMEOUT);
	if (result != SYNC_OK)
		return 0;
	leave(&node);
	return 1;
}

static unsigned give_up_soon(void)
{
	return timed(soon());
}

static unsigned give_up_at_once(void)
{
	return timed(0);
}

/* A free mutex is acquired however late. */
static void timed_alone(void)
{
	struct node node = { 0 };

	assert(m->timedlock(mutex, &node, 0) == SYNC_OK);
	assert(m->timedlock(mutex, &(struct node){ 0 }, 0) == SYNC_TIMEOUT);
	expected++;
	leave(&node);
}

CLIENT(mutex, timed_2, .threads = 2, .lacks = lacks_timed,
       .about = "a section beside a timedlock")
{
	begin(impl);
	expected = TOGETHER(section, give_up_soon);
	timed_alone();
	end();
}

CLIENT(mutex, late_2, .threads = 2, .lacks = lacks_timed,
       .about = "a section beside a timedlock whose deadline has passed")
{
	begin(impl);
	expected = TOGETHER(section, give_up_at_once);
	timed_alone();
	end();
}

/* It waits for the holder, and behind it somebody who does not give up. */
CLIENT(mutex, expiry_strands_nobody, .threads = 2, .size = CLIENT_LARGE,
       .lacks = lacks_timed,
       .about = "a section and a timedlock that may give up, behind a holder")
{
	struct node node = { 0 };

	begin(impl);
	m->lock(mutex, &node);
	pthread_t giver = start(give_up_soon), waiter = start(section);

	leave(&node);
	expected = 1 + join(giver) + join(waiter);
	end();
}

CLIENT(mutex, relock_waits, .threads = 0, .lacks = lacks_timed,
       .about = "a holder that locks again, with a deadline")
{
	struct node node = { 0 };

	begin(impl);
	m->lock(mutex, &node);
	assert(m->timedlock(mutex, &(struct node){ 0 }, soon()) ==
	       SYNC_TIMEOUT);
	expected = 1;
	leave(&node);
	end();
}

CLIENT(mutex, timeout_takes_no_wake, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_timed,
       .about = "two sections beside a timedlock that may give up")
{
	begin(impl);
	expected = TOGETHER(section, section, give_up_soon);
	end();
}

/* As an object with a count of references that its own mutex guards. */
static unsigned put_reference(void)
{
	struct node node = { 0 };

	m->lock(mutex, &node);
	bool last = ++sum == expected;
	m->unlock(mutex, &node);
	if (last)
		discard();
	return 0;
}

CLIENT(mutex, last_one_frees_2, .threads = 2,
       .about = "who is the last to unlock destroys and frees")
{
	begin(impl);
	expected = 2;
	TOGETHER(put_reference, put_reference);
}

CLIENT(mutex, last_one_frees_3, .threads = 3, .size = CLIENT_LARGE,
       .about = "who is the last to unlock destroys and frees")
{
	begin(impl);
	expected = 3;
	TOGETHER(put_reference, put_reference, put_reference);
}

/* In use until unlock returns, and not a moment longer. */
static unsigned node_given_back(void)
{
	struct node *node = calloc(1, sizeof(*node));

	assert(node != NULL);
	m->lock(mutex, node);
	leave(node);
	free(node);
	return 1;
}

CLIENT(mutex, frees_node_2, .threads = 2,
       .about = "a section each; the node is freed after unlock")
{
	begin(impl);
	expected = TOGETHER(node_given_back, node_given_back);
	end();
}

/* ---- delegation ---- */

struct parcel {
	unsigned runs, sent, received; /* plain: handed over and back */
};

static void run(void *argument)
{
	struct parcel *p = argument;

	sum++;
	p->runs++;
	p->received = p->sent;
}

static unsigned delegate(void)
{
	struct node node = { 0 };
	struct parcel p = { .sent = 7 };

	m->call(mutex, &node, run, &p);
	assert(p.runs == 1 && p.received == 7);
	return p.runs;
}

CLIENT(mutex, call_2, .threads = 2, .lacks = lacks_call,
       .about = "a delegated section each")
{
	begin(impl);
	expected = TOGETHER(delegate, delegate);
	end();
}

CLIENT(mutex, call_beside_lock, .threads = 2, .lacks = lacks_call,
       .about = "a delegated section beside a section")
{
	begin(impl);
	expected = TOGETHER(delegate, section);
	end();
}

CLIENT(mutex, call_3, .threads = 3, .size = CLIENT_LARGE, .lacks = lacks_call,
       .about = "a delegated section each")
{
	begin(impl);
	expected = TOGETHER(delegate, delegate, delegate);
	end();
}
