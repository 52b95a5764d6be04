/* SPDX-License-Identifier: MIT */
/*
 * The laws of a semaphore: see primitives/semaphore.h.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../primitives/semaphore.h"
#include "law.h"

enum { WAITERS = 4 };

/* What a crew shares. */
struct bench {
	const struct semaphore_impl *impl;
	void *semaphore;
	unsigned rounds;
	unsigned limit;
	uint64_t guarded; /* plain: a race shows as a lost increment */
	_Atomic unsigned inside;
	_Atomic unsigned taken, given;
	struct law_waiter waiters[FAR_DEADLINES];
};

static struct bench bench_new(const struct semaphore_impl *impl,
			      unsigned initial, unsigned bound, unsigned rounds)
{
	struct bench b = { .impl = impl,
			   .semaphore = law_object(&impl->id),
			   .rounds = law_rounds(rounds),
			   .limit = initial };

	CHECK_EQ(impl->init(b.semaphore, initial, bound), 0);
	law_age(&impl->id, b.semaphore);
	return b;
}

static void bench_end(struct bench *b)
{
	if (b->impl->destroy)
		b->impl->destroy(b->semaphore);
	free(b->semaphore);
}

LAW(semaphore, counts, "as many acquires as permits, then busy")
{
	struct bench b = bench_new(impl, 3, 0, 1);

	for (int i = 3; i > 0; i--) {
		CHECK_EQ(impl->value(b.semaphore), i);
		CHECK_EQ(impl->tryacquire(b.semaphore), SYNC_OK);
	}
	CHECK_EQ(impl->tryacquire(b.semaphore), SYNC_BUSY);
	CHECK_EQ(impl->value(b.semaphore), 0);
	CHECK_EQ(impl->release(b.semaphore, 2), SYNC_OK);
	CHECK_EQ(impl->value(b.semaphore), 2);
	impl->acquire(b.semaphore);
	impl->acquire(b.semaphore);
	CHECK_EQ(impl->tryacquire(b.semaphore), SYNC_BUSY);
	bench_end(&b);
}

LAW(semaphore, zero_is_empty, "all-zero bytes are plain and without permits")
{
	void *semaphore = law_object(&impl->id);

	if (impl->id.flags & IMPL_NEEDS_INIT)
		trial_skip("needs init");
	CHECK_EQ(impl->tryacquire(semaphore), SYNC_BUSY);
	CHECK_EQ(impl->release(semaphore, 100), SYNC_OK);
	CHECK_EQ(impl->value(semaphore), 100);
	impl->acquire(semaphore);
	free(semaphore);
}

LAW(semaphore, fits_if_small,
    "without the flag LARGE it fits a pthread_mutex_t")
{
	if (impl->id.flags & IMPL_LARGE)
		trial_skip("flagged as large");
	CHECK(impl->id.size > 0 && impl->id.size <= IMPL_SMALL_BYTES);
}

LAW(semaphore, init_refuses, "more permits than bound or maximum are invalid")
{
	void *s = law_object(&impl->id);

	CHECK_EQ(impl->init(s, 3, 2), SYNC_INVALID);
	CHECK_EQ(impl->init(s, SEMAPHORE_MAX + 1, 0), SYNC_INVALID);
	CHECK_EQ(impl->init(s, UINT_MAX, UINT_MAX), SYNC_INVALID);
	free(s);
}

LAW(semaphore, bound_holds, "a release above the bound overflows, all or none")
{
	struct bench b = bench_new(impl, 2, 5, 1);

	CHECK_EQ(impl->release(b.semaphore, 4), SYNC_OVERFLOW);
	CHECK_EQ(impl->value(b.semaphore), 2);
	CHECK_EQ(impl->release(b.semaphore, UINT_MAX), SYNC_OVERFLOW);
	CHECK_EQ(impl->release(b.semaphore, UINT_MAX - 1), SYNC_OVERFLOW);
	CHECK_EQ(impl->release(b.semaphore, 3), SYNC_OK);
	CHECK_EQ(impl->value(b.semaphore), 5);
	CHECK_EQ(impl->release(b.semaphore, 1), SYNC_OVERFLOW);
	CHECK_EQ(impl->value(b.semaphore), 5);
	impl->acquire(b.semaphore);
	CHECK_EQ(impl->release(b.semaphore, 1), SYNC_OK);
	bench_end(&b);
}

LAW(semaphore, maximum_holds, "a plain one overflows above the maximum only")
{
	struct bench b = bench_new(impl, 1, 0, 1);
	struct bench c = bench_new(impl, SEMAPHORE_MAX, UINT_MAX, 1);

	CHECK_EQ(impl->release(b.semaphore, SEMAPHORE_MAX), SYNC_OVERFLOW);
	CHECK_EQ(impl->value(b.semaphore), 1);
	CHECK_EQ(impl->release(b.semaphore, SEMAPHORE_MAX - 1), SYNC_OK);
	CHECK_EQ(impl->value(b.semaphore), SEMAPHORE_MAX);
	CHECK_EQ(impl->release(b.semaphore, 1), SYNC_OVERFLOW);
	impl->acquire(b.semaphore);
	CHECK_EQ(impl->value(b.semaphore), SEMAPHORE_MAX - 1);
	/* a bound above the maximum does not lift it */
	CHECK_EQ(impl->release(c.semaphore, 1), SYNC_OVERFLOW);
	bench_end(&b);
	bench_end(&c);
}

static void count_inside(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		b->impl->acquire(b->semaphore);
		CHECK(atomic_fetch_add(&b->inside, 1) < b->limit);
		/* hold it across a time slice: the others go to sleep */
		if ((i + index) % 64 == 0)
			sched_yield();
		atomic_fetch_sub(&b->inside, 1);
		CHECK_EQ(b->impl->release(b->semaphore, 1), SYNC_OK);
	}
}

LAW(semaphore, limits, "never more threads inside than permits")
{
	struct bench b = bench_new(impl, 2, 2, 20000);

	law_crew(4, count_inside, &b);
	CHECK_EQ(impl->value(b.semaphore), 2);
	bench_end(&b);
}

LAW(semaphore, survives_oversubscription, "16 threads finish on few cores")
{
	struct bench b = bench_new(impl, 3, 0, 3000);

	law_crew(16, count_inside, &b);
	CHECK_EQ(impl->value(b.semaphore), 3);
	bench_end(&b);
}

static void publish(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		if (i % 2 || b->impl->tryacquire(b->semaphore))
			b->impl->acquire(b->semaphore);
		/* plain, so that ThreadSanitizer sees a missing edge */
		b->guarded++;
		CHECK_EQ(b->impl->release(b->semaphore, 1), SYNC_OK);
	}
}

LAW(semaphore, publishes, "an acquire sees all that was before the release")
{
	struct bench b = bench_new(impl, 1, 1, 20000);

	law_crew(3, publish, &b);
	CHECK_EQ(b.guarded, 3 * b.rounds);
	bench_end(&b);
}

static void try_it(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	CHECK_EQ(b->impl->tryacquire(b->semaphore), SYNC_BUSY);
}

LAW(semaphore, tryacquire_never_blocks, "tryacquire says busy without a permit")
{
	struct bench b = bench_new(impl, 1, 0, 1);

	NEEDS(tryacquire);
	CHECK_EQ(impl->tryacquire(b.semaphore), SYNC_OK);
	law_crew(2, try_it, &b);
	CHECK_EQ(impl->release(b.semaphore, 1), SYNC_OK);
	CHECK_EQ(impl->tryacquire(b.semaphore), SYNC_OK);
	bench_end(&b);
}

static void try_and_give_back(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		CHECK_EQ(b->impl->tryacquire(b->semaphore), SYNC_OK);
		CHECK_EQ(b->impl->release(b->semaphore, 1), SYNC_OK);
	}
}

LAW(semaphore, tryacquire_takes_permit,
    "tryacquire takes a permit that is there, whoever takes others")
{
	struct bench b = bench_new(impl, 3, 3, 20000);

	NEEDS(tryacquire);
	/* nobody waits, and for each there is one */
	law_crew(3, try_and_give_back, &b);
	CHECK_EQ(impl->value(b.semaphore), 3);
	bench_end(&b);
}

/* True if it has a permit; SYNC_TIMEOUT is an answer only once the deadline has
 * passed. */
static bool taken_by(struct bench *b, uint64_t deadline)
{
	int r = b->impl->timedacquire(b->semaphore, deadline);

	if (r == SYNC_OK)
		return true;
	CHECK_EQ(r, SYNC_TIMEOUT);
	CHECK(now_ns() >= deadline);
	return false;
}

static void time_out(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	CHECK(!taken_by(b, SOON));
	CHECK_EQ(b->impl->timedacquire(b->semaphore, 0), SYNC_TIMEOUT);
}

LAW(semaphore, timeout_keeps_the_count, "who gives up takes no permit along")
{
	struct bench b = bench_new(impl, 0, 1, 1);

	NEEDS(timedacquire);
	law_crew(3, time_out, &b);
	CHECK_EQ(impl->release(b.semaphore, 1), SYNC_OK);
	CHECK_EQ(impl->release(b.semaphore, 1), SYNC_OVERFLOW);
	CHECK_EQ(impl->tryacquire(b.semaphore), SYNC_OK);
	CHECK_EQ(impl->tryacquire(b.semaphore), SYNC_BUSY);
	bench_end(&b);
}

static void acquire_for_ages(void *shared, unsigned index)
{
	struct bench *b = shared;

	law_about_to_wait(&b->waiters[index]);
	CHECK(taken_by(b, law_far_deadline(index)));
}

LAW(semaphore, far_deadline_waits, "a deadline years away has not passed")
{
	struct bench b = bench_new(impl, 0, FAR_DEADLINES, 1);
	struct crew *c;

	NEEDS(timedacquire);
	c = crew_start_waiting(FAR_DEADLINES, acquire_for_ages, &b, b.waiters);
	CHECK_EQ(impl->release(b.semaphore, FAR_DEADLINES), SYNC_OK);
	crew_join(c);
	bench_end(&b);
}

/* Half of them with a deadline that nobody reaches. */
static void wait_for_hours(void *shared, unsigned index)
{
	struct bench *b = shared;
	const uint64_t far = deadline_in(10000 * NS_PER_S);

	for (unsigned i = 0; i < b->rounds; i++) {
		if (index % 2)
			CHECK(taken_by(b, far));
		else
			b->impl->acquire(b->semaphore);
		/* the word changes as others go to sleep */
		if ((i + index) % 16 == 0)
			sched_yield();
		CHECK_EQ(b->impl->release(b->semaphore, 1), SYNC_OK);
	}
}

LAW(semaphore, timed_waits_its_time,
    "a timed acquire does not give up before its deadline, whoever takes")
{
	struct bench b = bench_new(impl, 2, 0, 5000);

	NEEDS(timedacquire);
	law_crew(5, wait_for_hours, &b);
	bench_end(&b);
}

struct late {
	struct bench b;
	uint64_t deadline;
	_Atomic bool done;
};

static void time_out_interrupted(void *shared, unsigned index)
{
	struct late *l = shared;

	law_about_to_wait(&l->b.waiters[index]);
	CHECK(!taken_by(&l->b, l->deadline));
	atomic_store(&l->done, true);
}

LAW(semaphore, interrupted_times_out,
    "a timed acquire ends by its deadline, however often it is interrupted")
{
	struct late l = { .b = bench_new(impl, 0, 0, 1) };
	struct crew *c;

	NEEDS(timedacquire);
	l.deadline = SOON;
	c = crew_start(1, time_out_interrupted, &l);
	law_interrupt(&l.b.waiters[0], l.deadline, &l.done);
	crew_join(c);
	bench_end(&l.b);
}

LAW(semaphore, timed_takes_permit,
    "a permit that is there is taken, however late")
{
	struct bench b = bench_new(impl, 2, 0, 1);

	NEEDS(timedacquire);
	CHECK_EQ(impl->timedacquire(b.semaphore, 0), SYNC_OK);
	CHECK_EQ(impl->timedacquire(b.semaphore, DEADLINE_NEVER), SYNC_OK);
	CHECK_EQ(impl->timedacquire(b.semaphore, 0), SYNC_TIMEOUT);
	bench_end(&b);
}

static void acquire_once(void *shared, unsigned index)
{
	struct bench *b = shared;

	law_about_to_wait(&b->waiters[index]);
	b->impl->acquire(b->semaphore);
	atomic_fetch_add(&b->taken, 1);
}

static struct crew *start_waiting(struct bench *b)
{
	struct crew *c =
		crew_start_waiting(WAITERS, acquire_once, b, b->waiters);
	CHECK_EQ(atomic_load(&b->taken), 0);
	return c;
}

LAW(semaphore, each_release_wakes, "n releases at once let n waiters through")
{
	for (unsigned i = 0; i < law_rounds(20); i++) {
		struct bench b = bench_new(impl, 0, 0, 1);
		struct crew *c = start_waiting(&b);

		/* the second release finds a permit that nobody has taken */
		for (int n = 0; n < WAITERS; n++)
			CHECK_EQ(impl->release(b.semaphore, 1), SYNC_OK);
		crew_join(c);
		CHECK_EQ(impl->value(b.semaphore), 0);
		bench_end(&b);
	}
}

LAW(semaphore, release_n_wakes_n, "a release of n lets n waiters through")
{
	for (unsigned i = 0; i < law_rounds(20); i++) {
		struct bench b = bench_new(impl, 0, 0, 1);
		struct crew *c = start_waiting(&b);

		CHECK_EQ(impl->release(b.semaphore, WAITERS - 1), SYNC_OK);
		EVENTUALLY(atomic_load(&b.taken) == WAITERS - 1);
		CHECK_EQ(impl->value(b.semaphore), 0);
		CHECK_EQ(impl->release(b.semaphore, 1), SYNC_OK);
		crew_join(c);
		bench_end(&b);
	}
}

static void wait_in_turn(void *shared, unsigned index)
{
	struct bench *b = shared;

	EVENTUALLY(atomic_load(&b->given) > index);
	acquire_once(b, index);
	atomic_fetch_add(&b->inside, index == atomic_load(&b->inside));
}

/* As many that came in order got one in order, and nobody overtook them. */
static bool served_in_order(const struct semaphore_impl *impl)
{
	struct bench b = bench_new(impl, 0, 0, 1);
	struct crew *c = crew_start(WAITERS, wait_in_turn, &b);
	bool in_order = true;

	for (int i = 0; i < WAITERS; i++) {
		atomic_fetch_add(&b.given, 1);
		law_until_waiting(&b.waiters[i]);
	}
	for (unsigned n = 1; n <= WAITERS; n++) {
		CHECK_EQ(impl->release(b.semaphore, 1), SYNC_OK);
		if (impl->tryacquire(b.semaphore) == SYNC_OK) {
			in_order = false;
			CHECK_EQ(impl->release(b.semaphore, 1), SYNC_OK);
		}
		EVENTUALLY(atomic_load(&b.taken) == n);
		law_pause();
		in_order = in_order && atomic_load(&b.inside) == n;
	}
	crew_join(c);
	bench_end(&b);
	return in_order;
}

LAW(semaphore, fifo_if_flagged,
    "waiters get permits in the order of arrival, and before who comes later")
{
	NEEDS(tryacquire);
	if (!(impl->id.flags & IMPL_FIFO))
		trial_skip("barging: not flagged as FIFO");
	/* a waiter delayed on its way to the queue spoils a try, not the law */
	for (int try = 0; try < 20; try++)
		if (served_in_order(impl))
			return;
	trial_fail("never in the order of arrival in 20 tries");
}

LAW(semaphore, release_none_does_nothing, "a release of 0 forgets no waiter")
{
	struct bench b = bench_new(impl, 0, 0, 1);
	struct crew *c = start_waiting(&b);

	CHECK_EQ(impl->release(b.semaphore, 0), SYNC_OK);
	law_pause();
	CHECK_EQ(atomic_load(&b.taken), 0);
	for (int n = 0; n < WAITERS; n++) {
		CHECK_EQ(impl->release(b.semaphore, 0), SYNC_OK);
		CHECK_EQ(impl->release(b.semaphore, 1), SYNC_OK);
	}
	crew_join(c);
	bench_end(&b);
}

/* Half of the threads give, half of them take, as many as are given. */
static void give_or_take(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		if (index % 2) {
			b->impl->acquire(b->semaphore);
			atomic_fetch_add(&b->taken, 1);
			continue;
		}
		unsigned n = i + 3 <= b->rounds ? (i / 7) % 3 + 1 : 1;

		CHECK_EQ(b->impl->release(b->semaphore, n), SYNC_OK);
		i += n - 1;
		/* let the takers run dry and sleep now and then */
		if (i % 16 == 0)
			sched_yield();
	}
}

LAW(semaphore, no_lost_wakeup, "no taker sleeps on while there are permits")
{
	struct bench b = bench_new(impl, 0, 0, 30000);

	law_crew(4, give_or_take, &b);
	CHECK_EQ(b.taken, 2 * b.rounds);
	CHECK_EQ(impl->value(b.semaphore), 0);
	bench_end(&b);
}

static void take_again(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		b->impl->acquire(b->semaphore);
		atomic_fetch_add(&b->taken, 1);
	}
}

/* Two permits for two takers, the second one a little later each time: while
 * the first is being taken, in some of the rounds. */
LAW(semaphore, none_is_left, "two releases in a row let two takers through")
{
	struct bench b = bench_new(impl, 0, 0, 5000);
	struct crew *c = crew_start(2, take_again, &b);

	for (unsigned i = 1; i <= b.rounds; i++) {
		uint64_t until;

		CHECK_EQ(impl->release(b.semaphore, 1), SYNC_OK);
		until = now_ns() + i * 7 % 512 * 128;
		law_busy_until(until);
		CHECK_EQ(impl->release(b.semaphore, 1), SYNC_OK);
		SHORTLY(atomic_load(&b.taken) == 2 * i);
	}
	crew_join(c);
	CHECK_EQ(impl->value(b.semaphore), 0);
	bench_end(&b);
}

/* One gives a second permit; one takes the first, if that is there, and passes
 * it on; two take. */
static void give_pass_or_take(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		if (index > 1)
			b->impl->acquire(b->semaphore);
		else if (index == 0 || !b->impl->tryacquire(b->semaphore))
			CHECK_EQ(b->impl->release(b->semaphore, 1), SYNC_OK);
		if (atomic_fetch_add(&b->taken, 1) == 4 * i + 3) {
			/* one for the next round */
			CHECK_EQ(b->impl->release(b->semaphore, 1), SYNC_OK);
			atomic_store(&b->given, i + 1);
		} else {
			law_meet(&b->given, i + 1);
		}
	}
}

LAW(semaphore, passing_on_wakes,
    "a permit that is passed on beside a release leaves no taker asleep")
{
	struct bench b = bench_new(impl, 1, 0, 5000);

	NEEDS(tryacquire);
	law_crew(4, give_pass_or_take, &b);
	CHECK_EQ(impl->value(b.semaphore), 1);
	bench_end(&b);
}

static void take_in_a_hurry(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		uint64_t ns = (i * 7 + index * 13) % 40 * NS_PER_US;

		if (index == 0) {
			CHECK_EQ(b->impl->release(b->semaphore, 1), SYNC_OK);
			atomic_fetch_add(&b->given, 1);
			if (i % 4 == 0)
				sched_yield();
		} else if (taken_by(b, deadline_in(ns))) {
			atomic_fetch_add(&b->taken, 1);
		}
	}
	/* Whoever waits without a deadline must still get one. Three for the
	 * three, once nobody takes any in a hurry: what is left then is extra.
	 */
	atomic_fetch_add(&b->inside, 1);
	if (index == 0) {
		EVENTUALLY(atomic_load(&b->inside) == 4);
		for (int n = 0; n < 3; n++)
			CHECK_EQ(b->impl->release(b->semaphore, 1), SYNC_OK);
	} else {
		b->impl->acquire(b->semaphore);
	}
}

LAW(semaphore, timeout_races_release, "no permit is lost or made by a timeout")
{
	struct bench b = bench_new(impl, 0, 0, 3000);

	NEEDS(timedacquire);
	law_crew(4, take_in_a_hurry, &b);
	CHECK_EQ(b.taken + impl->value(b.semaphore), b.given);
	bench_end(&b);
}

static void give_too_many(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		unsigned n = i % 3 + 1;
		int result;

		CHECK(b->impl->value(b->semaphore) <= 4);
		if ((i + index) % 2) {
			if (!b->impl->tryacquire(b->semaphore))
				atomic_fetch_add(&b->taken, 1);
			continue;
		}
		result = b->impl->release(b->semaphore, n);
		CHECK(result == SYNC_OK || result == SYNC_OVERFLOW);
		if (result == SYNC_OK)
			atomic_fetch_add(&b->given, n);
	}
}

LAW(semaphore, bound_holds_in_races, "releases that race never pass the bound")
{
	struct bench b = bench_new(impl, 0, 4, 30000);

	NEEDS(tryacquire);
	law_crew(4, give_too_many, &b);
	CHECK_EQ(b.taken + impl->value(b.semaphore), b.given);
	bench_end(&b);
}

static void give_or_reuse(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		if (index) {
			SHORTLY(atomic_load(&b->taken) == i);
			CHECK_EQ(b->impl->release(b->semaphore, 1), SYNC_OK);
			continue;
		}
		b->impl->acquire(b->semaphore);
		/* the permit was the last use: nobody else may touch it */
		if (b->impl->destroy)
			b->impl->destroy(b->semaphore);
		memset(b->semaphore, 0xa5, b->impl->id.size);
		memset(b->semaphore, 0, b->impl->id.size);
		CHECK_EQ(b->impl->init(b->semaphore, 0, i % 2), 0);
		atomic_store(&b->taken, i + 1);
	}
}

LAW(semaphore, destroy_after_acquire,
    "the last to acquire may destroy it at once")
{
	struct bench b = bench_new(impl, 0, 0, 10000);

	law_crew(2, give_or_reuse, &b);
	bench_end(&b);
}

static int init_and_destroy(void *shared)
{
	struct bench *b = shared;
	int r = b->impl->init(b->semaphore, 1, 1);

	if (!r && b->impl->destroy)
		b->impl->destroy(b->semaphore);
	return r;
}

LAW(semaphore, no_memory, "init without memory says so, and leaves nothing")
{
	struct bench b = { .impl = impl, .semaphore = law_object(&impl->id) };

	law_without_memory(init_and_destroy, &b);
	CHECK_EQ(init_and_destroy(&b), 0);
	free(b.semaphore);
}

/* A semaphore that lives for one permit. */
struct completion {
	const struct semaphore_impl *impl;
	unsigned rounds;
	_Atomic(void *) semaphore;
};

static void complete_or_bury(void *shared, unsigned index)
{
	struct completion *c = shared;
	const struct semaphore_impl *impl = c->impl;
	void *s;

	for (unsigned i = 0; i < c->rounds; i++) {
		if (index) {
			SHORTLY((s = atomic_exchange(&c->semaphore, NULL)));
			CHECK_EQ(impl->release(s, 1), SYNC_OK);
			continue;
		}
		s = law_mortal(&impl->id);
		CHECK_EQ(impl->init(s, 0, i % 2), 0);
		atomic_store(&c->semaphore, s);
		/* do not sleep now and then: release is still at work */
		if (i % 2)
			SHORTLY(impl->value(s));
		impl->acquire(s);
		if (impl->destroy)
			impl->destroy(s);
		law_bury(&impl->id, s);
	}
}

LAW(semaphore, freed_after_acquire, "who took the only permit may free it")
{
	struct completion c = { .impl = impl, .rounds = law_rounds(5000) };

	law_crew(2, complete_or_bury, &c);
}
