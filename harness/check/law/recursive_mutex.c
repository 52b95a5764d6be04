/* SPDX-License-Identifier: MIT */
/*
 * The laws of a recursive mutex: see primitives/recursive_mutex.h.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../primitives/recursive_mutex.h"
#include "law.h"

/* What a crew shares: the mutex and data that it guards. */
struct bench {
	const struct recursive_mutex_impl *impl;
	void *mutex;
	unsigned rounds;
	uint64_t guarded; /* plain: a race shows as a lost increment */
	_Atomic unsigned inside, taken, done;
};

static struct bench bench_new(const struct recursive_mutex_impl *impl,
			      unsigned rounds)
{
	struct bench b = { .impl = impl,
			   .mutex = law_object(&impl->id),
			   .rounds = law_rounds(rounds) };

	if (impl->init)
		CHECK_EQ(impl->init(b.mutex), 0);
	law_age(&impl->id, b.mutex);
	return b;
}

static void bench_end(struct bench *b)
{
	if (b->impl->destroy)
		b->impl->destroy(b->mutex);
	free(b->mutex);
}

static void count_inside(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		CHECK_EQ(b->impl->lock(b->mutex), 0);
		CHECK_EQ(atomic_fetch_add(&b->inside, 1), 0);
		b->guarded++;
		CHECK_EQ(atomic_fetch_sub(&b->inside, 1), 1);
		CHECK_EQ(b->impl->unlock(b->mutex), 0);
	}
}

LAW(recursive_mutex, excludes, "never two threads inside")
{
	struct bench b = bench_new(impl, 50000);

	law_crew(4, count_inside, &b);
	CHECK_EQ(b.guarded, 4 * b.rounds);
	bench_end(&b);
}

LAW(recursive_mutex, survives_oversubscription,
    "16 threads finish on few cores")
{
	struct bench b = bench_new(impl, 3000);

	law_crew(16, count_inside, &b);
	CHECK_EQ(b.guarded, 16 * b.rounds);
	bench_end(&b);
}

static void publish(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		b->impl->lock(b->mutex);
		/* plain, so that ThreadSanitizer sees a missing edge */
		b->guarded = b->guarded * 3 + 1;
		b->impl->unlock(b->mutex);
	}
}

LAW(recursive_mutex, publishes, "a section sees all that earlier ones wrote")
{
	struct bench b = bench_new(impl, 20000);
	uint64_t expected = 0;

	law_crew(3, publish, &b);
	for (unsigned i = 0; i < 3 * b.rounds; i++)
		expected = expected * 3 + 1;
	CHECK(b.guarded == expected);
	bench_end(&b);
}

/* Lock in the form that i asks for; the answer is the implementation's. */
static int lock_as(struct bench *b, unsigned i, uint64_t wait_ns)
{
	switch (i % 3) {
	case 0:
		return b->impl->lock(b->mutex);
	case 1:
		return b->impl->trylock(b->mutex);
	default:
		return b->impl->timedlock(b->mutex, deadline_in(wait_ns));
	}
}

static void stay_outside(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	CHECK_EQ(b->impl->trylock(b->mutex), SYNC_BUSY);
	CHECK_EQ(b->impl->timedlock(b->mutex, 0), SYNC_TIMEOUT);
	CHECK_EQ(b->impl->depth(b->mutex), 0);
}

static void get_in(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	CHECK_EQ(b->impl->depth(b->mutex), 0);
	CHECK_EQ(b->impl->trylock(b->mutex), SYNC_OK);
	CHECK_EQ(b->impl->depth(b->mutex), 1);
	CHECK_EQ(b->impl->unlock(b->mutex), SYNC_OK);
}

LAW(recursive_mutex, nests, "as many unlocks as locks, of whatever form")
{
	enum { DEEP = 9 };
	struct bench b = bench_new(impl, 1);

	CHECK_EQ(impl->depth(b.mutex), 0);
	for (unsigned i = 0; i < DEEP; i++) {
		CHECK_EQ(lock_as(&b, i, 0), SYNC_OK);
		CHECK_EQ(impl->depth(b.mutex), i + 1);
	}
	for (unsigned i = DEEP; i > 0; i--) {
		law_crew(1, stay_outside, &b);
		CHECK_EQ(impl->depth(b.mutex), i);
		CHECK_EQ(impl->unlock(b.mutex), SYNC_OK);
	}
	CHECK_EQ(impl->depth(b.mutex), 0);
	law_crew(1, get_in, &b);
	bench_end(&b);
}

static void nest(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		unsigned deep = 1 + (i + index) % 3;

		for (unsigned d = 1; d <= deep; d++) {
			CHECK_EQ(b->impl->lock(b->mutex), SYNC_OK);
			CHECK_EQ(b->impl->depth(b->mutex), d);
		}
		b->guarded++;
		for (unsigned d = deep; d > 0; d--) {
			CHECK_EQ(b->impl->depth(b->mutex), d);
			CHECK_EQ(b->impl->unlock(b->mutex), SYNC_OK);
		}
		/* perhaps it is another's by now: in any case not ours */
		CHECK_EQ(b->impl->depth(b->mutex), 0);
	}
}

LAW(recursive_mutex, depth_survives_contention,
    "the depth is the owner's own count, whoever waits")
{
	struct bench b = bench_new(impl, 20000);

	law_crew(4, nest, &b);
	CHECK_EQ(b.guarded, 4 * b.rounds);
	bench_end(&b);
}

static void try_while_held(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	CHECK_EQ(b->impl->trylock(b->mutex), SYNC_BUSY);
}

LAW(recursive_mutex, trylock_never_blocks,
    "trylock says busy while another holds it, and counts for the owner")
{
	struct bench b = bench_new(impl, 1);

	CHECK_EQ(impl->trylock(b.mutex), SYNC_OK);
	CHECK_EQ(impl->trylock(b.mutex), SYNC_OK);
	CHECK_EQ(impl->depth(b.mutex), 2);
	law_crew(1, try_while_held, &b);
	CHECK_EQ(impl->unlock(b.mutex), SYNC_OK);
	law_crew(1, try_while_held, &b);
	CHECK_EQ(impl->unlock(b.mutex), SYNC_OK);
	law_crew(1, get_in, &b);
	bench_end(&b);
}

static void mixed_forms(void *shared, unsigned index)
{
	struct bench *b = shared;
	unsigned done = 0;

	for (unsigned i = 0; done < b->rounds; i++) {
		if (lock_as(b, i + index, 50 * NS_PER_US))
			continue;
		CHECK_EQ(lock_as(b, i, 0), SYNC_OK); /* it is ours */
		b->guarded++;
		done++;
		CHECK_EQ(b->impl->unlock(b->mutex), SYNC_OK);
		b->guarded++;
		CHECK_EQ(b->impl->unlock(b->mutex), SYNC_OK);
	}
}

LAW(recursive_mutex, forms_mix,
    "lock, trylock and timedlock exclude one another")
{
	struct bench b = bench_new(impl, 10000);

	law_crew(4, mixed_forms, &b);
	CHECK_EQ(b.guarded, 8 * b.rounds);
	bench_end(&b);
}

static void time_out(void *shared, unsigned index)
{
	struct bench *b = shared;
	uint64_t deadline = SOON;

	(void)index;
	CHECK_EQ(b->impl->timedlock(b->mutex, deadline), SYNC_TIMEOUT);
	CHECK(now_ns() >= deadline);
	CHECK_EQ(b->impl->timedlock(b->mutex, 0), SYNC_TIMEOUT);
	CHECK_EQ(b->impl->depth(b->mutex), 0);
}

LAW(recursive_mutex, timed_times_out,
    "a held mutex times out, and not too early")
{
	struct bench b = bench_new(impl, 1);

	impl->lock(b.mutex);
	law_crew(3, time_out, &b);
	CHECK_EQ(impl->depth(b.mutex), 1);
	impl->unlock(b.mutex);
	/* and the waiters that left have left nothing behind */
	law_crew(1, get_in, &b);
	bench_end(&b);
}

struct patient {
	struct bench b;
	struct law_waiter waiters[FAR_DEADLINES];
};

static void wait_for_ages(void *shared, unsigned index)
{
	struct patient *p = shared;

	law_about_to_wait(&p->waiters[index]);
	CHECK_EQ(p->b.impl->timedlock(p->b.mutex, law_far_deadline(index)),
		 SYNC_OK);
	CHECK_EQ(p->b.impl->unlock(p->b.mutex), SYNC_OK);
}

LAW(recursive_mutex, far_deadline_waits, "a deadline years away has not passed")
{
	struct patient p = { .b = bench_new(impl, 1) };
	struct crew *c;

	NEEDS(timedlock);
	CHECK_EQ(impl->lock(p.b.mutex), SYNC_OK);
	c = crew_start_waiting(FAR_DEADLINES, wait_for_ages, &p, p.waiters);
	CHECK_EQ(impl->unlock(p.b.mutex), SYNC_OK);
	crew_join(c);
	bench_end(&p.b);
}

LAW(recursive_mutex, timed_takes_free,
    "a free or own mutex is acquired, however late")
{
	struct bench b = bench_new(impl, 1);

	CHECK_EQ(impl->timedlock(b.mutex, 0), SYNC_OK);
	CHECK_EQ(impl->timedlock(b.mutex, 0), SYNC_OK);
	CHECK_EQ(impl->timedlock(b.mutex, DEADLINE_NEVER), SYNC_OK);
	CHECK_EQ(impl->release_all(b.mutex), 3);
	CHECK_EQ(impl->timedlock(b.mutex, DEADLINE_NEVER), SYNC_OK);
	CHECK_EQ(impl->unlock(b.mutex), SYNC_OK);
	bench_end(&b);
}

static void wait_for_it(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		CHECK_EQ(b->impl->lock(b->mutex), SYNC_OK);
		/* an inner pair wakes nobody and loses nobody's wake */
		if ((i + index) % 2) {
			b->impl->lock(b->mutex);
			b->impl->unlock(b->mutex);
		}
		/* hold it across a time slice: the others go to sleep */
		if (i % 8 == 0)
			sched_yield();
		atomic_fetch_add(&b->taken, 1);
		CHECK_EQ(b->impl->unlock(b->mutex), SYNC_OK);
	}
}

LAW(recursive_mutex, no_lost_wakeup,
    "a sleeping waiter gets it when it is released")
{
	struct bench b = bench_new(impl, 200);
	unsigned rounds = law_rounds(20);

	for (unsigned round = 0; round < rounds; round++) {
		struct crew *c;

		impl->lock(b.mutex);
		impl->lock(b.mutex);
		c = crew_start(3, wait_for_it, &b);
		law_pause(); /* the waiters fall asleep, most of the time */
		if (round % 2) {
			impl->unlock(b.mutex);
			impl->unlock(b.mutex);
		} else {
			CHECK_EQ(impl->release_all(b.mutex), 2);
		}
		crew_join(c);
	}
	CHECK_EQ(b.taken, 3 * b.rounds * rounds);
	bench_end(&b);
}

static void leave_or_take(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		uint64_t ns = (i * 7 + index * 13) % 40 * NS_PER_US;

		if (b->impl->timedlock(b->mutex, deadline_in(ns)))
			continue;
		b->guarded++;
		atomic_fetch_add(&b->taken, 1);
		if (i % 4 == 0)
			sched_yield();
		CHECK_EQ(b->impl->unlock(b->mutex), SYNC_OK);
	}
	/* whoever waits without a deadline must still get it */
	b->impl->lock(b->mutex);
	b->impl->unlock(b->mutex);
}

LAW(recursive_mutex, timeout_races_unlock,
    "a waiter that gives up takes no wake along")
{
	struct bench b = bench_new(impl, 3000);

	law_crew(4, leave_or_take, &b);
	CHECK_EQ(b.guarded, b.taken);
	bench_end(&b);
}

/* Of two that wait behind a holder the first gives up, at about the moment of
 * the unlock; then nobody else comes. */
struct expiry {
	struct bench b;
	uint64_t deadline; /* of this round's first */
	_Atomic unsigned round, over;
};

static void give_up_or_wait(void *shared, unsigned index)
{
	struct expiry *e = shared;
	struct bench *b = &e->b;

	for (unsigned i = 0; i < b->rounds; i++) {
		law_meet(&e->round, i + 1);
		if (index == 0) {
			if (!b->impl->timedlock(b->mutex, e->deadline))
				CHECK_EQ(b->impl->unlock(b->mutex), SYNC_OK);
		} else {
			law_busy_until(e->deadline - 100 * NS_PER_US);
			CHECK_EQ(b->impl->lock(b->mutex), SYNC_OK);
			CHECK_EQ(b->impl->unlock(b->mutex), SYNC_OK);
		}
		atomic_fetch_add(&e->over, 1);
	}
}

LAW(recursive_mutex, expiry_strands_nobody,
    "a deadline that passes as it is unlocked stops nobody behind")
{
	struct expiry e = { .b = bench_new(impl, 500) };
	struct crew *c = crew_start(2, give_up_or_wait, &e);

	for (unsigned i = 0; i < e.b.rounds; i++) {
		CHECK_EQ(impl->lock(e.b.mutex), SYNC_OK);
		e.deadline = deadline_in(150 * NS_PER_US);
		atomic_store(&e.round, i + 1);
		/* the kernel is up to 50 us late, and the sleeper later */
		law_busy_until(e.deadline + i * 7 % 128 * NS_PER_US);
		CHECK_EQ(impl->unlock(e.b.mutex), SYNC_OK);
		SHORTLY(atomic_load(&e.over) == 2 * (i + 1));
	}
	crew_join(c);
	bench_end(&e.b);
}

static void meddle(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	do {
		CHECK_EQ(b->impl->unlock(b->mutex), SYNC_NOT_OWNER);
		CHECK_EQ(b->impl->release_all(b->mutex), 0);
		CHECK_EQ(b->impl->depth(b->mutex), 0);
	} while (!atomic_load(&b->done));
}

LAW(recursive_mutex, refuses_strangers,
    "unlock by another thread is refused and changes nothing")
{
	struct bench b = bench_new(impl, 1);

	atomic_store(&b.done, 1);
	CHECK_EQ(impl->unlock(b.mutex), SYNC_NOT_OWNER); /* it is free */
	CHECK_EQ(impl->release_all(b.mutex), 0);
	impl->lock(b.mutex);
	impl->lock(b.mutex);
	law_crew(2, meddle, &b);
	CHECK_EQ(impl->depth(b.mutex), 2);
	law_crew(1, stay_outside, &b);
	CHECK_EQ(impl->unlock(b.mutex), SYNC_OK);
	law_crew(2, meddle, &b);
	CHECK_EQ(impl->depth(b.mutex), 1);
	CHECK_EQ(impl->unlock(b.mutex), SYNC_OK);
	CHECK_EQ(impl->unlock(b.mutex), SYNC_NOT_OWNER);
	law_crew(1, get_in, &b);
	bench_end(&b);
}

LAW(recursive_mutex, refuses_strangers_in_a_race,
    "a stranger's unlock never hits the owner of the moment")
{
	struct bench b = bench_new(impl, 20000);
	struct crew *strangers = crew_start(1, meddle, &b);

	law_crew(2, nest, &b);
	atomic_store(&b.done, 1);
	crew_join(strangers);
	CHECK_EQ(b.guarded, 2 * b.rounds);
	bench_end(&b);
}

static void hold_and_die(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	CHECK_EQ(b->impl->lock(b->mutex), SYNC_OK);
}

LAW(recursive_mutex, outlives_its_owner,
    "a mutex whose owner has ended falls to no newcomer")
{
	/* static: it can never be freed, and that is no leak */
	static struct bench b;

	b = bench_new(impl, 1);
	law_crew(1, hold_and_die, &b);
	/* the newcomers have the stack and the addresses of the dead */
	atomic_store(&b.done, 1);
	for (unsigned i = 0; i < 8; i++) {
		law_crew(1, meddle, &b);
		law_crew(1, stay_outside, &b);
	}
	CHECK_EQ(impl->trylock(b.mutex), SYNC_BUSY);
}

LAW(recursive_mutex, refuses_overflow,
    "a lock beyond max_depth is refused and changes nothing")
{
	struct bench b = bench_new(impl, 1);
	unsigned max = impl->max_depth;

	CHECK(max >= (1 << 16) - 1 && (max & (max + 1)) == 0);
	impl->reacquire(b.mutex, max - 1);
	CHECK_EQ(impl->depth(b.mutex), max - 1);
	for (unsigned form = 0; form < 3; form++) {
		CHECK_EQ(impl->lock(b.mutex), SYNC_OK);
		for (unsigned i = 0; i < 6; i++)
			CHECK_EQ(lock_as(&b, i, 0), SYNC_OVERFLOW);
		CHECK_EQ(impl->depth(b.mutex), max);
		law_crew(1, stay_outside, &b);
		CHECK_EQ(impl->unlock(b.mutex), SYNC_OK);
		CHECK_EQ(impl->depth(b.mutex), max - 1);
	}
	CHECK_EQ(lock_as(&b, 1, 0), SYNC_OK);
	CHECK_EQ(impl->release_all(b.mutex), max);
	CHECK_EQ(impl->depth(b.mutex), 0);
	law_crew(1, get_in, &b);
	bench_end(&b);
}

LAW(recursive_mutex, releases_whole,
    "release_all lets others in, reacquire restores the depth")
{
	struct bench b = bench_new(impl, 1);

	for (unsigned deep = 1; deep <= 5; deep++) {
		for (unsigned i = 0; i < deep; i++)
			impl->lock(b.mutex);
		CHECK_EQ(impl->release_all(b.mutex), deep);
		CHECK_EQ(impl->depth(b.mutex), 0);
		CHECK_EQ(impl->release_all(b.mutex), 0);
		law_crew(1, get_in, &b);
		impl->reacquire(b.mutex, deep);
		CHECK_EQ(impl->depth(b.mutex), deep);
		law_crew(1, stay_outside, &b);
		for (unsigned i = 0; i < deep; i++)
			CHECK_EQ(impl->unlock(b.mutex), SYNC_OK);
		CHECK_EQ(impl->unlock(b.mutex), SYNC_NOT_OWNER);
	}
	law_crew(1, get_in, &b);
	bench_end(&b);
}

static void release_and_reacquire(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		unsigned deep = 1 + (i + index) % 4;

		for (unsigned d = 0; d < deep; d++)
			b->impl->lock(b->mutex);
		b->guarded++;
		CHECK_EQ(b->impl->release_all(b->mutex), deep);
		b->impl->reacquire(b->mutex, deep);
		CHECK_EQ(b->impl->depth(b->mutex), deep);
		b->guarded++;
		CHECK_EQ(b->impl->release_all(b->mutex), deep);
	}
}

LAW(recursive_mutex, reacquire_excludes,
    "reacquire waits for its turn as a lock does")
{
	struct bench b = bench_new(impl, 10000);

	law_crew(4, release_and_reacquire, &b);
	CHECK_EQ(b.guarded, 8 * b.rounds);
	bench_end(&b);
}

LAW(recursive_mutex, zero_is_unlocked, "all-zero bytes are an unlocked mutex")
{
	void *mutex = law_object(&impl->id);

	if (impl->id.flags & IMPL_NEEDS_INIT)
		trial_skip("needs init");
	CHECK_EQ(impl->depth(mutex), 0);
	CHECK_EQ(impl->lock(mutex), SYNC_OK);
	CHECK_EQ(impl->lock(mutex), SYNC_OK);
	CHECK_EQ(impl->unlock(mutex), SYNC_OK);
	CHECK_EQ(impl->unlock(mutex), SYNC_OK);
	free(mutex);
}

LAW(recursive_mutex, fits_if_small,
    "without the flag LARGE it fits a pthread_mutex_t")
{
	if (impl->id.flags & IMPL_LARGE)
		trial_skip("flagged as large");
	CHECK(impl->id.size > 0 && impl->id.size <= IMPL_SMALL_BYTES);
}

static void reuse(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		b->impl->lock(b->mutex);
		b->impl->lock(b->mutex);
		bool last = ++b->guarded == 2 * (uint64_t)(i + 1);

		b->impl->unlock(b->mutex);
		b->impl->unlock(b->mutex);
		if (last) {
			/* the other has unlocked: nobody else may touch it */
			if (b->impl->destroy)
				b->impl->destroy(b->mutex);
			memset(b->mutex, 0xa5, b->impl->id.size);
			memset(b->mutex, 0, b->impl->id.size);
			if (b->impl->init)
				CHECK_EQ(b->impl->init(b->mutex), 0);
			law_age(&b->impl->id, b->mutex);
			atomic_store(&b->taken, i + 1);
		} else {
			SHORTLY(atomic_load(&b->taken) == i + 1);
		}
	}
}

LAW(recursive_mutex, destroy_after_unlock,
    "the last user may destroy it at once")
{
	struct bench b = bench_new(impl, 8000);

	law_crew(2, reuse, &b);
	bench_end(&b);
}
