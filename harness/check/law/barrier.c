/* SPDX-License-Identifier: MIT */
/*
 * The laws of a barrier: see primitives/barrier.h.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../primitives/barrier.h"
#include "law.h"

enum { PARTIES = 4, MOST = 16 };

/* What a crew shares. */
struct bench {
	const struct barrier_impl *impl;
	void *barrier;
	unsigned parties, rounds;
	unsigned at[MOST]; /* plain: the round each thread is in */
	_Atomic unsigned passed, broken, timeouts, left, over_round;
	_Atomic unsigned indices[MOST]; /* how often each was given */
	_Atomic bool over;
	struct law_waiter waiters[PARTIES];
	pthread_barrier_t all; /* the C library's: to try again together */
};

static struct bench *bench_new(const struct barrier_impl *impl,
			       unsigned parties, unsigned rounds)
{
	struct bench *b = calloc(1, sizeof(*b));

	CHECK(b != NULL);
	b->impl = impl;
	b->barrier = law_mortal(&impl->id);
	b->parties = parties;
	b->rounds = law_rounds(rounds);
	CHECK_EQ(impl->init(b->barrier, parties), 0);
	law_age(&impl->id, b->barrier);
	pthread_barrier_init(&b->all, NULL, PARTIES);
	return b;
}

static void bench_end(struct bench *b)
{
	if (b->impl->destroy)
		b->impl->destroy(b->barrier);
	pthread_barrier_destroy(&b->all);
	law_bury(&b->impl->id, b->barrier);
	free(b);
}

static int wait(struct bench *b, uint64_t deadline)
{
	unsigned index = UINT_MAX;
	int result = b->impl->wait(b->barrier, deadline, &index);

	if (result == SYNC_OK) {
		CHECK(index < b->parties);
		atomic_fetch_add(&b->indices[index], 1);
		atomic_fetch_add(&b->passed, 1);
	} else if (result == SYNC_BROKEN) {
		atomic_fetch_add(&b->broken, 1);
	} else {
		CHECK_EQ(result, SYNC_TIMEOUT);
		CHECK(deadline != DEADLINE_NEVER);
		atomic_fetch_add(&b->timeouts, 1);
	}
	return result;
}

static void check_indices(struct bench *b)
{
	for (unsigned i = 0; i < b->parties; i++)
		CHECK_EQ(b->indices[i], b->passed / b->parties);
	CHECK_EQ(b->passed % b->parties, 0);
}

/* Nobody is ahead, and what the others wrote before is there: all plain. */
static void go_round(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 1; i <= b->rounds; i++) {
		b->at[index] = i;
		CHECK_EQ(wait(b, DEADLINE_NEVER), SYNC_OK);
		for (unsigned p = 0; p < b->parties; p++)
			CHECK_EQ(b->at[p], i);
		CHECK_EQ(wait(b, DEADLINE_NEVER), SYNC_OK);
	}
}

static void go_rounds(const struct barrier_impl *impl, unsigned parties,
		      unsigned rounds)
{
	struct bench *b = bench_new(impl, parties, rounds);

	law_crew(parties, go_round, b);
	CHECK_EQ(b->passed, 2 * parties * b->rounds);
	check_indices(b);
	bench_end(b);
}

LAW(barrier, holds_back, "nobody passes before all have come, round for round")
{
	go_rounds(impl, 2, 3000);
	go_rounds(impl, 3, 1000);
}

LAW(barrier, survives_oversubscription, "16 threads finish on few cores")
{
	go_rounds(impl, 16, 200);
}

static void one_round(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 1; i <= b->rounds; i++) {
		CHECK_EQ(wait(b, DEADLINE_NEVER), SYNC_OK);
		/* none is a round behind, and none can be ahead */
		CHECK(atomic_load(&b->passed) >= (i - 1) * b->parties + 1);
		CHECK(atomic_load(&b->passed) <= i * b->parties);
	}
	(void)index;
}

LAW(barrier, is_reusable, "fast threads in the next round mislead no slow ones")
{
	struct bench *b = bench_new(impl, PARTIES, 5000);

	law_crew(PARTIES, one_round, b);
	CHECK_EQ(b->passed, PARTIES * b->rounds);
	check_indices(b);
	bench_end(b);
}

static void any_round(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++)
		CHECK_EQ(wait(b, DEADLINE_NEVER), SYNC_OK);
}

static void fill_up(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	while (!atomic_load(&b->over))
		if (b->impl->waiting(b->barrier) == 0 ||
		    wait(b, DEADLINE_NEVER) == SYNC_BROKEN)
			sched_yield();
}

LAW(barrier, serves_more_threads, "any parties of more threads make a round")
{
	struct bench *b = bench_new(impl, 2, 2000);
	struct crew *others;

	NEEDS(abort);
	others = crew_start(2, fill_up, b);
	/* four threads use a barrier for two: a slow one may miss many rounds
	 */
	law_crew(2, any_round, b);
	atomic_store(&b->over, true);
	/* one of the others may wait for nobody */
	impl->abort(b->barrier);
	crew_join(others);
	check_indices(b);
	bench_end(b);
}

LAW(barrier, one_passes_alone, "a barrier for one lets it pass at once")
{
	struct bench *b = bench_new(impl, 1, 1);

	for (int i = 0; i < 3; i++) {
		CHECK_EQ(wait(b, impl->abort ? 0 : DEADLINE_NEVER), SYNC_OK);
		CHECK_EQ(impl->wait(b->barrier, DEADLINE_NEVER, NULL), SYNC_OK);
		if (impl->waiting)
			CHECK_EQ(impl->waiting(b->barrier), 0);
	}
	bench_end(b);
}

LAW(barrier, init_refuses, "a barrier for nobody is invalid")
{
	void *barrier = law_object(&impl->id);

	CHECK_EQ(impl->init(barrier, 0), SYNC_INVALID);
	free(barrier);
}

LAW(barrier, fits_if_small, "without the flag LARGE it fits a pthread_mutex_t")
{
	if (impl->id.flags & IMPL_LARGE)
		trial_skip("flagged as large");
	CHECK(impl->id.size > 0 && impl->id.size <= IMPL_SMALL_BYTES);
}

static void wait_once(void *shared, unsigned index)
{
	struct bench *b = shared;

	law_about_to_wait(&b->waiters[index]);
	wait(b, DEADLINE_NEVER);
}

/* All but one wait: the round is not complete. */
static struct crew *start_waiting(struct bench *b)
{
	struct crew *c =
		crew_start_waiting(PARTIES - 1, wait_once, b, b->waiters);
	CHECK_EQ(b->impl->waiting(b->barrier), PARTIES - 1);
	CHECK(!b->impl->broken(b->barrier));
	return c;
}

/* A round of all parties works. */
static void check_works(struct bench *b)
{
	unsigned before = b->passed;
	struct crew *c = start_waiting(b);

	CHECK_EQ(wait(b, 0), SYNC_OK);
	crew_join(c);
	CHECK_EQ(b->passed, before + PARTIES);
	CHECK_EQ(b->impl->waiting(b->barrier), 0);
	check_indices(b);
}

LAW(barrier, last_is_never_late, "who completes a round passes, however late")
{
	NEEDS(abort);
	for (unsigned i = 0; i < law_rounds(10); i++) {
		struct bench *b = bench_new(impl, PARTIES, 1);

		check_works(b);
		bench_end(b);
	}
}

LAW(barrier, abort_breaks, "abort wakes all, and later waits fail until reset")
{
	struct bench *b = bench_new(impl, PARTIES, 1);

	NEEDS(abort);
	for (unsigned i = 1; i <= law_rounds(10); i++) {
		struct crew *c = start_waiting(b);

		impl->abort(b->barrier);
		CHECK(impl->broken(b->barrier));
		crew_join(c);
		CHECK_EQ(b->broken, (PARTIES - 1) * i);
		CHECK_EQ(impl->waiting(b->barrier), 0);
		CHECK_EQ(impl->wait(b->barrier, DEADLINE_NEVER, NULL),
			 SYNC_BROKEN);
		impl->abort(b->barrier);
		CHECK_EQ(impl->wait(b->barrier, 0, NULL), SYNC_BROKEN);
		impl->reset(b->barrier);
		CHECK(!impl->broken(b->barrier));
		check_works(b);
	}
	bench_end(b);
}

LAW(barrier, timeout_breaks, "one times out, not too early; the others break")
{
	struct bench *b = bench_new(impl, PARTIES, 1);

	NEEDS(abort);
	for (unsigned i = 1; i <= 2; i++) {
		struct crew *c = crew_start_waiting(PARTIES - 2, wait_once, b,
						    b->waiters);
		uint64_t deadline = SOON;

		CHECK_EQ(wait(b, deadline), SYNC_TIMEOUT);
		CHECK(now_ns() >= deadline);
		CHECK(impl->broken(b->barrier));
		crew_join(c);
		CHECK_EQ(b->broken, (PARTIES - 2) * i);
		CHECK_EQ(b->timeouts, i);
		CHECK_EQ(wait(b, DEADLINE_NEVER), SYNC_BROKEN);
		atomic_fetch_sub(&b->broken, 1);
		impl->reset(b->barrier);
		check_works(b);
	}
	bench_end(b);
}

LAW(barrier, reset_breaks_waiters, "reset breaks who waits and then restores")
{
	struct bench *b = bench_new(impl, PARTIES, 1);

	NEEDS(abort);
	for (unsigned i = 1; i <= law_rounds(10); i++) {
		struct crew *c = start_waiting(b);

		impl->reset(b->barrier);
		CHECK(!impl->broken(b->barrier));
		/* at once: those that are on their way out do not count */
		CHECK_EQ(impl->wait(b->barrier, 0, NULL), SYNC_TIMEOUT);
		crew_join(c);
		CHECK_EQ(b->broken, (PARTIES - 1) * i);
		impl->reset(b->barrier);
		CHECK(!impl->broken(b->barrier));
		check_works(b);
		/* without waiters it changes nothing */
		impl->reset(b->barrier);
		check_works(b);
	}
	bench_end(b);
}

static void break_after(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		unsigned place = UINT_MAX;

		CHECK_EQ(b->impl->wait(b->barrier, DEADLINE_NEVER, &place), 0);
		/* some of the others have not left yet: it is their round */
		if (place == i % PARTIES) {
			b->impl->abort(b->barrier);
			if (i % 2)
				b->impl->reset(b->barrier);
		}
		pthread_barrier_wait(&b->all);
		if (place == 0)
			b->impl->reset(b->barrier);
		pthread_barrier_wait(&b->all);
	}
}

LAW(barrier, completed_stays_so, "a complete round is so whatever follows it")
{
	struct bench *b = bench_new(impl, PARTIES, 2000);

	NEEDS(abort);
	law_crew(PARTIES, break_after, b);
	bench_end(b);
}

static void hurry(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		uint64_t ns = (i * 7 + index * 13) % 40 * NS_PER_US;

		wait(b, i % 3 ? deadline_in(ns) : DEADLINE_NEVER);
		pthread_barrier_wait(&b->all);
		if (index == 0) {
			unsigned passed = atomic_exchange(&b->passed, 0);
			unsigned late = atomic_exchange(&b->timeouts, 0);

			/* all of them, or nobody and one has broken it */
			CHECK(passed == PARTIES || passed == 0);
			CHECK_EQ(late, passed == 0);
			CHECK_EQ(b->impl->broken(b->barrier), late);
			b->impl->reset(b->barrier);
		}
		pthread_barrier_wait(&b->all);
	}
}

LAW(barrier, timeout_races_last,
    "all pass, or one times out and all others break")
{
	struct bench *b = bench_new(impl, PARTIES, 2000);

	NEEDS(abort);
	law_crew(PARTIES, hurry, b);
	bench_end(b);
}

static void keep_coming(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++)
		if (wait(b, (i + index) % 5 ? DEADLINE_NEVER
					    : deadline_in(30 * NS_PER_US)))
			sched_yield();
	atomic_fetch_add(&b->left, 1);
}

static void break_and_mend(const struct barrier_impl *impl, unsigned threads)
{
	struct bench *b = bench_new(impl, PARTIES, 3000);
	struct crew *c = crew_start(threads, keep_coming, b);

	for (unsigned i = 0; atomic_load(&b->left) < threads; i++) {
		if (i % 3)
			impl->abort(b->barrier);
		impl->reset(b->barrier);
		for (unsigned n = 0; n < i % 16; n++)
			sched_yield();
	}
	crew_join(c);
	/* each round let all of its parties pass, or none */
	check_indices(b);
	impl->reset(b->barrier);
	CHECK(!impl->broken(b->barrier));
	check_works(b);
	bench_end(b);
}

LAW(barrier, breaks_are_whole, "abort, reset and timeouts break whole rounds")
{
	NEEDS(abort);
	break_and_mend(impl, PARTIES);
	/* more threads than parties: the next round fills up at once */
	break_and_mend(impl, PARTIES + 2);
}

static void wait_and_reuse(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		CHECK_EQ(wait(b, DEADLINE_NEVER), SYNC_OK);
		/* all have returned: nobody else may touch it */
		if (atomic_fetch_add(&b->left, 1) % 2) {
			if (b->impl->destroy)
				b->impl->destroy(b->barrier);
			memset(b->barrier, 0xa5, b->impl->id.size);
			memset(b->barrier, 0, b->impl->id.size);
			CHECK_EQ(b->impl->init(b->barrier, 2), 0);
			law_age(&b->impl->id, b->barrier);
			atomic_store(&b->over_round, i + 1);
		}
		SHORTLY(atomic_load(&b->over_round) == i + 1);
	}
}

LAW(barrier, destroy_after_waits, "it may be destroyed when all waits are back")
{
	struct bench *b = bench_new(impl, 2, 10000);

	law_crew(2, wait_and_reuse, b);
	bench_end(b);
}

static int init_and_destroy(void *shared)
{
	struct bench *b = shared;
	int r = b->impl->init(b->barrier, 3);

	if (!r && b->impl->destroy)
		b->impl->destroy(b->barrier);
	return r;
}

LAW(barrier, no_memory, "init without memory says so, and leaves nothing")
{
	struct bench b = { .impl = impl, .barrier = law_object(&impl->id) };

	law_without_memory(init_and_destroy, &b);
	CHECK_EQ(init_and_destroy(&b), 0);
	free(b.barrier);
}

static void wait_and_bury(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		unsigned place = UINT_MAX;

		CHECK_EQ(b->impl->wait(b->barrier, DEADLINE_NEVER, &place), 0);
		/* some of the others have not left yet */
		if (place == i % PARTIES) {
			b->impl->destroy(b->barrier);
			law_bury(&b->impl->id, b->barrier);
		}
		pthread_barrier_wait(&b->all);
		if (place == 0) {
			b->barrier = law_mortal(&b->impl->id);
			CHECK_EQ(b->impl->init(b->barrier, PARTIES), 0);
		}
		pthread_barrier_wait(&b->all);
	}
}

LAW(barrier, destroy_waits, "whose wait is back may destroy it, if flagged so")
{
	struct bench *b;

	if (!(impl->id.flags & IMPL_DESTROY_WAITS))
		trial_skip("not flagged: all waits must be back");
	b = bench_new(impl, PARTIES, 3000);
	law_crew(PARTIES, wait_and_bury, b);
	bench_end(b);
}
