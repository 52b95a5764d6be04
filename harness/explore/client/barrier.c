/* SPDX-License-Identifier: MIT */
/*
 * Clients of barriers: primitives/barrier.h. Each party writes a plain word of
 * its own for each round and reads the others' when it has passed.
 */
#include "kit.h"

#include "../../../primitives/barrier.h"

LACKS(lacks_abort, barrier, abort)

static const char *lacks_early_destroy(const void *impl)
{
	const struct barrier_impl *i = impl;

	return i->id.flags & IMPL_DESTROY_WAITS
		       ? NULL
		       : "all waits must be back before it is destroyed";
}

enum { PARTIES_MAX = 3, ROUNDS_MAX = 2 };

static const struct barrier_impl *b;
static void *barrier;
static unsigned parties;
static unsigned rounds = 1;
static bool came[ROUNDS_MAX][PARTIES_MAX];

static void begin(const void *impl, unsigned n)
{
	b = impl;
	parties = n;
	barrier = object_new(&b->id);
	assert(b->init(barrier, n) == SYNC_OK);
}

static void discard(void)
{
	if (b->destroy)
		b->destroy(barrier);
	free(barrier);
}

/* Sum of the places, each of which is given once a round. */
static void end(unsigned places)
{
	assert(places == rounds * parties * (parties - 1) / 2);
	discard();
}

static unsigned pass_as(unsigned self)
{
	unsigned place, places = 0;

	for (unsigned r = 0; r < rounds; r++) {
		came[r][self] = true;
		assert(b->wait(barrier, DEADLINE_NEVER, &place) == SYNC_OK);
		for (unsigned i = 0; i < parties; i++)
			assert(came[r][i]);
		places += place;
	}
	return places;
}

static unsigned first(void)
{
	return pass_as(0);
}

static unsigned second(void)
{
	return pass_as(1);
}

static unsigned third(void)
{
	return pass_as(2);
}

CLIENT(barrier, round_2, .threads = 2, .about = "two parties, one round")
{
	begin(impl, 2);
	end(TOGETHER(first, second));
}

CLIENT(barrier, two_rounds_2, .threads = 2, .about = "two parties, two rounds")
{
	begin(impl, 2);
	rounds = 2;
	end(TOGETHER(first, second));
}

CLIENT(barrier, round_3, .threads = 3, .about = "three parties, one round")
{
	begin(impl, 3);
	end(TOGETHER(first, second, third));
}

CLIENT(barrier, two_rounds_3, .threads = 3, .size = CLIENT_LARGE,
       .about = "three parties, two rounds")
{
	begin(impl, 3);
	rounds = 2;
	end(TOGETHER(first, second, third));
}

CLIENT(barrier, wrap, .threads = 2, .lacks = lacks_age,
       .about = "two parties, two rounds, while the counters wrap round")
{
	begin(impl, 2);
	b->id.age(barrier, 1);
	rounds = 2;
	end(TOGETHER(first, second));
}

static unsigned pass(void)
{
	assert(b->wait(barrier, DEADLINE_NEVER, NULL) == SYNC_OK);
	return 1;
}

CLIENT(barrier, more_threads_than_parties, .threads = 4, .size = CLIENT_LARGE,
       .about = "four threads are two rounds of two parties")
{
	begin(impl, 2);
	assert(TOGETHER(pass, pass, pass, pass) == 4);
	discard();
}

/* ---- broken ones ---- */

enum { PASSED = 1, BROKE = 10, LATE = 100 };

static unsigned outcome(uint64_t deadline)
{
	switch (b->wait(barrier, deadline, NULL)) {
	case SYNC_OK:
		return PASSED;
	case SYNC_BROKEN:
		return BROKE;
	case SYNC_TIMEOUT:
		return LATE;
	}
	assert(!"an answer that wait may not give");
	return 0;
}

static unsigned wait_for_ever(void)
{
	return outcome(DEADLINE_NEVER);
}

static unsigned wait_till_soon(void)
{
	return outcome(soon());
}

static unsigned wait_no_more(void)
{
	return outcome(0);
}

static unsigned abort_it(void)
{
	b->abort(barrier);
	return 0;
}

static unsigned reset_and_abort(void)
{
	b->reset(barrier);
	b->abort(barrier);
	return 0;
}

/* It is broken until reset, and then as new. */
static void mend(void)
{
	assert(b->broken(barrier));
	assert(outcome(DEADLINE_NEVER) == BROKE);
	b->reset(barrier);
	assert(!b->broken(barrier));
	assert(b->waiting(barrier) == 0);
	assert(outcome(0) == LATE);
	discard();
}

CLIENT(barrier, abort_beside_wait, .threads = 2, .lacks = lacks_abort,
       .about = "one waits, another aborts")
{
	begin(impl, 2);
	assert(TOGETHER(wait_for_ever, abort_it) == BROKE);
	mend();
}

CLIENT(barrier, reset_beside_wait, .threads = 2, .lacks = lacks_abort,
       .about = "one waits, another resets and then aborts")
{
	begin(impl, 2);
	assert(TOGETHER(wait_for_ever, reset_and_abort) == BROKE);
	mend();
}

static unsigned reset_and_wait(void)
{
	b->reset(barrier);
	return outcome(soon());
}

/* If reset finds the other one waiting it breaks that, and nobody comes to the
 * round that it itself begins; otherwise the two make a round, unless the
 * deadline passes. */
CLIENT(barrier, reset_and_wait, .threads = 2, .lacks = lacks_abort,
       .about = "one waits, another resets and waits for it till soon")
{
	begin(impl, 2);
	unsigned outcomes = TOGETHER(wait_for_ever, reset_and_wait);

	assert(outcomes == 2 * PASSED || outcomes == BROKE + LATE);
	discard();
}

CLIENT(barrier, abort_beside_round, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_abort, .about = "two make a round, another aborts")
{
	begin(impl, 2);
	unsigned outcomes = TOGETHER(wait_for_ever, wait_for_ever, abort_it);

	assert(outcomes == 2 * PASSED || outcomes == 2 * BROKE);
	mend();
}

static unsigned pass_and_abort(void)
{
	return pass() + abort_it();
}

CLIENT(barrier, completed_stays_so, .threads = 2, .lacks = lacks_abort,
       .about = "two make a round, and one of them then aborts")
{
	begin(impl, 2);
	assert(TOGETHER(pass, pass_and_abort) == 2);
	mend();
}

CLIENT(barrier, timeout_beside_last, .threads = 2, .lacks = lacks_abort,
       .about = "one waits till soon, another one for ever")
{
	begin(impl, 2);
	unsigned outcomes = TOGETHER(wait_till_soon, wait_for_ever);

	assert(outcomes == 2 * PASSED || outcomes == LATE + BROKE);
	discard();
}

CLIENT(barrier, both_till_soon, .threads = 2, .lacks = lacks_abort,
       .about = "both wait till soon")
{
	begin(impl, 2);
	unsigned outcomes = TOGETHER(wait_till_soon, wait_till_soon);

	assert(outcomes == 2 * PASSED || outcomes == LATE + BROKE);
	discard();
}

CLIENT(barrier, last_is_never_late, .threads = 2, .lacks = lacks_abort,
       .about = "one waits, another comes with a deadline that has passed")
{
	begin(impl, 2);
	unsigned outcomes = TOGETHER(wait_for_ever, wait_no_more);

	assert(outcomes == 2 * PASSED || outcomes == LATE + BROKE);
	discard();
}

/* ---- destruction ---- */

static _Atomic unsigned back;

static unsigned pass_and_free_last(void)
{
	pass();
	if (atomic_fetch_add_explicit(&back, 1, memory_order_acq_rel) == 1)
		discard();
	return 0;
}

CLIENT(barrier, freed_by_last, .threads = 2,
       .about = "a round; when both are back one destroys and frees")
{
	begin(impl, 2);
	TOGETHER(pass_and_free_last, pass_and_free_last);
}

static unsigned serial_frees(void)
{
	unsigned place;

	assert(b->wait(barrier, DEADLINE_NEVER, &place) == SYNC_OK);
	if (place == 0)
		discard();
	return 0;
}

CLIENT(barrier, freed_by_serial, .threads = 2, .lacks = lacks_early_destroy,
       .about = "a round; the serial one destroys and frees at once")
{
	begin(impl, 2);
	TOGETHER(serial_frees, serial_frees);
}
