/* SPDX-License-Identifier: MIT */
/*
 * The laws of a mutex: see primitives/mutex.h.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../primitives/mutex.h"
#include "../../bench/futex_calls.h"
#include "../../kit/cpu.h"
#include "law.h"

/* What a crew shares: the mutex and data that it guards. */
struct bench {
	const struct mutex_impl *impl;
	void *mutex;
	unsigned rounds;
	uint64_t guarded; /* plain: a race shows as a lost increment */
	_Atomic unsigned inside;
	_Atomic unsigned taken;
};

static struct bench bench_new(const struct mutex_impl *impl, unsigned rounds)
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
	void *node = law_node(&b->impl->id);

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		b->impl->lock(b->mutex, node);
		CHECK_EQ(atomic_fetch_add(&b->inside, 1), 0);
		b->guarded++;
		CHECK_EQ(atomic_fetch_sub(&b->inside, 1), 1);
		b->impl->unlock(b->mutex, node);
	}
	free(node);
}

LAW(mutex, excludes, "never two threads inside")
{
	struct bench b = bench_new(impl, 50000);

	law_crew(4, count_inside, &b);
	CHECK_EQ(b.guarded, 4 * b.rounds);
	bench_end(&b);
}

LAW(mutex, survives_oversubscription, "16 threads finish on few cores")
{
	struct bench b = bench_new(impl, 3000);

	law_crew(16, count_inside, &b);
	CHECK_EQ(b.guarded, 16 * b.rounds);
	bench_end(&b);
}

static void publish(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		b->impl->lock(b->mutex, node);
		/* plain, so that ThreadSanitizer sees a missing edge */
		b->guarded = b->guarded * 3 + 1;
		b->impl->unlock(b->mutex, node);
	}
	free(node);
}

LAW(mutex, publishes, "a section sees all that earlier sections wrote")
{
	struct bench b = bench_new(impl, 20000);
	uint64_t expected = 0;

	law_crew(3, publish, &b);
	for (unsigned i = 0; i < 3 * b.rounds; i++)
		expected = expected * 3 + 1;
	CHECK(b.guarded == expected);
	bench_end(&b);
}

static void try_while_held(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	(void)index;
	CHECK_EQ(b->impl->trylock(b->mutex, node), SYNC_BUSY);
	free(node);
}

LAW(mutex, trylock_never_blocks, "trylock says busy while another holds it")
{
	struct bench b = bench_new(impl, 1);
	void *node = law_node(&impl->id);

	NEEDS(trylock);
	CHECK_EQ(impl->trylock(b.mutex, node), SYNC_OK);
	law_crew(1, try_while_held, &b);
	impl->unlock(b.mutex, node);
	CHECK_EQ(impl->trylock(b.mutex, node), SYNC_OK);
	impl->unlock(b.mutex, node);
	free(node);
	bench_end(&b);
}

static void mixed_forms(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);
	unsigned done = 0;

	for (unsigned i = 0; done < b->rounds; i++) {
		if ((i + index) % 3 == 0)
			b->impl->lock(b->mutex, node);
		else if ((i + index) % 3 == 1 || !b->impl->timedlock) {
			if (b->impl->trylock(b->mutex, node))
				continue;
		} else if (b->impl->timedlock(b->mutex, node,
					      deadline_in(50 * NS_PER_US)))
			continue;
		b->guarded++;
		done++;
		b->impl->unlock(b->mutex, node);
	}
	free(node);
}

LAW(mutex, forms_mix, "lock, trylock and timedlock exclude one another")
{
	struct bench b = bench_new(impl, 10000);

	NEEDS(trylock);
	law_crew(4, mixed_forms, &b);
	CHECK_EQ(b.guarded, 4 * b.rounds);
	bench_end(&b);
}

static void time_out(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);
	uint64_t deadline = SOON;

	(void)index;
	CHECK_EQ(b->impl->timedlock(b->mutex, node, deadline), SYNC_TIMEOUT);
	CHECK(now_ns() >= deadline);
	CHECK_EQ(b->impl->timedlock(b->mutex, node, 0), SYNC_TIMEOUT);
	free(node);
}

LAW(mutex, timed_times_out, "a held mutex times out, and not too early")
{
	struct bench b = bench_new(impl, 1);
	void *node = law_node(&impl->id);

	NEEDS(timedlock);
	impl->lock(b.mutex, node);
	law_crew(3, time_out, &b);
	impl->unlock(b.mutex, node);
	/* and the waiters that left have left nothing behind */
	CHECK_EQ(impl->trylock(b.mutex, node), SYNC_OK);
	impl->unlock(b.mutex, node);
	free(node);
	bench_end(&b);
}

struct patient {
	struct bench b;
	struct law_waiter waiters[FAR_DEADLINES];
};

static void wait_for_ages(void *shared, unsigned index)
{
	struct patient *p = shared;
	void *node = law_node(&p->b.impl->id);

	law_about_to_wait(&p->waiters[index]);
	CHECK_EQ(p->b.impl->timedlock(p->b.mutex, node,
				      law_far_deadline(index)),
		 SYNC_OK);
	p->b.impl->unlock(p->b.mutex, node);
	free(node);
}

LAW(mutex, far_deadline_waits, "a deadline years away has not passed")
{
	struct patient p = { .b = bench_new(impl, 1) };
	void *node = law_node(&impl->id);
	struct crew *c;

	NEEDS(timedlock);
	impl->lock(p.b.mutex, node);
	c = crew_start_waiting(FAR_DEADLINES, wait_for_ages, &p, p.waiters);
	impl->unlock(p.b.mutex, node);
	crew_join(c);
	free(node);
	bench_end(&p.b);
}

LAW(mutex, timed_takes_free, "a free mutex is acquired, however late")
{
	struct bench b = bench_new(impl, 1);
	void *node = law_node(&impl->id);

	NEEDS(timedlock);
	CHECK_EQ(impl->timedlock(b.mutex, node, 0), SYNC_OK);
	impl->unlock(b.mutex, node);
	CHECK_EQ(impl->timedlock(b.mutex, node, DEADLINE_NEVER), SYNC_OK);
	impl->unlock(b.mutex, node);
	free(node);
	bench_end(&b);
}

LAW(mutex, relock_waits, "to its holder, too, a held mutex is held")
{
	struct bench b = bench_new(impl, 20);
	void *node = law_node(&impl->id), *second = law_node(&impl->id);

	NEEDS(trylock);
	impl->lock(b.mutex, node);
	for (unsigned i = 0; i < b.rounds; i++) {
		uint64_t deadline = deadline_in(i % 4 * NS_PER_MS);

		CHECK_EQ(impl->trylock(b.mutex, second), SYNC_BUSY);
		if (impl->timedlock)
			CHECK_EQ(impl->timedlock(b.mutex, second, deadline),
				 SYNC_TIMEOUT);
	}
	impl->unlock(b.mutex, node);
	CHECK_EQ(impl->trylock(b.mutex, second), SYNC_OK);
	impl->unlock(b.mutex, second);
	free(second);
	free(node);
	bench_end(&b);
}

static void wait_for_it(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		b->impl->lock(b->mutex, node);
		/* hold it across a time slice: the others go to sleep */
		if (i % 8 == 0)
			sched_yield();
		atomic_fetch_add(&b->taken, 1);
		b->impl->unlock(b->mutex, node);
	}
	free(node);
}

LAW(mutex, no_lost_wakeup, "a sleeping waiter gets it when it is released")
{
	struct bench b = bench_new(impl, 200);
	void *node = law_node(&impl->id);

	for (unsigned round = 0; round < law_rounds(20); round++) {
		struct crew *c;

		impl->lock(b.mutex, node);
		c = crew_start(3, wait_for_it, &b);
		law_pause(); /* the waiters fall asleep, most of the time */
		impl->unlock(b.mutex, node);
		crew_join(c);
	}
	CHECK_EQ(b.taken, 3 * b.rounds * law_rounds(20));
	free(node);
	bench_end(&b);
}

enum { SLEEPERS = 8 };

struct sleepers {
	struct bench b;
	struct law_waiter waiters[SLEEPERS];
};

static void wait_for_holder(void *shared, unsigned index)
{
	struct sleepers *s = shared;
	void *node = law_node(&s->b.impl->id);

	law_about_to_wait(&s->waiters[index]);
	s->b.impl->lock(s->b.mutex, node);
	CHECK_EQ(atomic_load(&s->b.inside), 0);
	s->b.impl->unlock(s->b.mutex, node);
	free(node);
}

static uint64_t futex_waits(void)
{
	uint64_t sums[FUTEX_CALLS];

	futex_calls(sums);
	return sums[FUTEX_CALL_WAIT];
}

/* A millisecond in which nobody goes to sleep: who sleeps does so soundly, and
 * who spins does it without the kernel. */
static void until_at_rest(void)
{
	uint64_t first = futex_waits(), before, now = first;

	do {
		before = now;
		law_pause();
		now = futex_waits();
		/* hours of interrupted sleep, or a moment of none at all */
		CHECK(now - first < 100000);
	} while (now != before);
}

LAW(mutex, waiters_come_to_rest,
    "while the holder stays inside, its waiters do not wake one another")
{
	struct sleepers s = { .b = bench_new(impl, 5) };
	void *node = law_node(&impl->id);

	for (unsigned round = 0; round < s.b.rounds; round++) {
		struct crew *c;

		impl->lock(s.b.mutex, node);
		atomic_store(&s.b.inside, 1);
		c = crew_start_waiting(SLEEPERS, wait_for_holder, &s,
				       s.waiters);
		until_at_rest();
		atomic_store(&s.b.inside, 0);
		impl->unlock(s.b.mutex, node);
		crew_join(c);
	}
	free(node);
	bench_end(&s.b);
}

static void leave_or_take(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	for (unsigned i = 0; i < b->rounds; i++) {
		uint64_t ns = (i * 7 + index * 13) % 40 * NS_PER_US;

		if (b->impl->timedlock(b->mutex, node, deadline_in(ns)))
			continue;
		b->guarded++;
		atomic_fetch_add(&b->taken, 1);
		if (i % 4 == 0)
			sched_yield();
		b->impl->unlock(b->mutex, node);
	}
	/* whoever waits without a deadline must still get it */
	b->impl->lock(b->mutex, node);
	b->impl->unlock(b->mutex, node);
	free(node);
}

LAW(mutex, timeout_races_unlock, "a waiter that gives up takes no wake along")
{
	struct bench b = bench_new(impl, 3000);

	NEEDS(timedlock);
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
	const struct mutex_impl *impl = e->b.impl;
	void *node = law_node(&impl->id);

	for (unsigned i = 0; i < e->b.rounds; i++) {
		law_meet(&e->round, i + 1);
		if (index == 0) {
			if (!impl->timedlock(e->b.mutex, node, e->deadline))
				impl->unlock(e->b.mutex, node);
		} else {
			law_busy_until(e->deadline - 100 * NS_PER_US);
			impl->lock(e->b.mutex, node);
			impl->unlock(e->b.mutex, node);
		}
		atomic_fetch_add(&e->over, 1);
	}
	free(node);
}

LAW(mutex, expiry_strands_nobody,
    "a deadline that passes as it is unlocked stops nobody behind")
{
	struct expiry e = { .b = bench_new(impl, 500) };
	void *node = law_node(&impl->id);
	struct crew *c;

	NEEDS(timedlock);
	c = crew_start(2, give_up_or_wait, &e);
	for (unsigned i = 0; i < e.b.rounds; i++) {
		impl->lock(e.b.mutex, node);
		e.deadline = deadline_in(150 * NS_PER_US);
		atomic_store(&e.round, i + 1);
		/* the kernel is up to 50 us late, and the sleeper later */
		law_busy_until(e.deadline + i * 7 % 128 * NS_PER_US);
		impl->unlock(e.b.mutex, node);
		SHORTLY(atomic_load(&e.over) == 2 * (i + 1));
	}
	crew_join(c);
	free(node);
	bench_end(&e.b);
}

LAW(mutex, zero_is_unlocked, "all-zero bytes are an unlocked mutex")
{
	void *mutex = law_object(&impl->id);
	void *node = law_node(&impl->id);

	if (impl->id.flags & IMPL_NEEDS_INIT)
		trial_skip("needs init");
	impl->lock(mutex, node);
	impl->unlock(mutex, node);
	free(node);
	free(mutex);
}

LAW(mutex, fits_if_small, "without the flag LARGE it fits a pthread_mutex_t")
{
	if (impl->id.flags & IMPL_LARGE)
		trial_skip("flagged as large");
	CHECK(impl->id.size > 0 && impl->id.size <= IMPL_SMALL_BYTES);
}

enum { ARRIVALS = 8, NOBODY = ARRIVALS };

/* Waiters come one by one, some milliseconds apart. */
struct arrivals {
	struct bench b;
	unsigned quitter; /* gives up before anybody is served */
	_Atomic unsigned turn, gone, served;
	unsigned order[ARRIVALS];
};

static void arrive_in_order(void *shared, unsigned index)
{
	struct arrivals *a = shared;
	void *node = law_node(&a->b.impl->id);

	EVENTUALLY(atomic_load(&a->turn) > index);
	if (index == a->quitter) {
		/* when, for all we know, the others have come */
		CHECK_EQ(a->b.impl->timedlock(a->b.mutex, node,
					      deadline_in(60 * NS_PER_MS)),
			 SYNC_TIMEOUT);
		atomic_fetch_add(&a->gone, 1);
	} else {
		a->b.impl->lock(a->b.mutex, node);
		a->order[atomic_fetch_add(&a->served, 1)] = index;
		a->b.impl->unlock(a->b.mutex, node);
	}
	free(node);
}

static bool served_in_order(const struct mutex_impl *impl, unsigned quitter)
{
	struct arrivals a = { .b = bench_new(impl, 1), .quitter = quitter };
	void *node = law_node(&impl->id);
	bool sorted = true;
	struct crew *c;

	impl->lock(a.b.mutex, node);
	c = crew_start(ARRIVALS, arrive_in_order, &a);
	for (unsigned i = 0; i < ARRIVALS; i++) {
		atomic_fetch_add(&a.turn, 1);
		for (int ms = 0; ms < 5; ms++)
			law_pause();
	}
	EVENTUALLY(quitter == NOBODY || atomic_load(&a.gone));
	impl->unlock(a.b.mutex, node);
	crew_join(c);
	for (unsigned i = 1; i < a.served; i++)
		sorted = sorted && a.order[i - 1] < a.order[i];
	free(node);
	bench_end(&a.b);
	return sorted;
}

static void serves_in_order(const struct mutex_impl *impl, unsigned quitter)
{
	if (!(impl->id.flags & IMPL_FIFO))
		trial_skip("barging: not flagged as FIFO");
	/* A waiter delayed on its way to the queue spoils a try, not the law:
	 * a barging lock gets 7 waiters right once in 5040 tries. */
	for (int try = 0; try < 20; try++)
		if (served_in_order(impl, quitter))
			return;
	trial_fail("never in the order of arrival in 20 tries");
}

LAW(mutex, fifo_if_flagged, "waiters are served in the order of arrival")
{
	serves_in_order(impl, NOBODY);
}

LAW(mutex, fifo_after_expiry, "who gives up leaves the others in their order")
{
	NEEDS(timedlock);
	serves_in_order(impl, 1);
}

/* Come a few nanoseconds apart, by another amount each time. */
static void come_apart(unsigned round, unsigned index)
{
	for (volatile unsigned n = (round * 7 + index * (round / 64)) % 64; n;)
		n--;
}

static void meet_at_mutex(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	cpu_pin(index);
	for (unsigned i = 0; i < b->rounds; i++) {
		come_apart(i, index);
		b->impl->lock(b->mutex, node);
		bool last = ++b->guarded == 2 * (uint64_t)(i + 1);

		law_store_far();
		b->impl->unlock(b->mutex, node);
		if (last)
			atomic_store(&b->taken, i + 1);
		else
			law_meet(&b->taken, i + 1);
	}
	free(node);
}

LAW(mutex, last_unlock_wakes,
    "of two that meet both get it, and nobody else comes")
{
	struct bench b = bench_new(impl, 50000);

	law_crew(2, meet_at_mutex, &b);
	bench_end(&b);
}

static void reuse(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		b->impl->lock(b->mutex, node);
		bool last = ++b->guarded == 2 * (uint64_t)(i + 1);

		b->impl->unlock(b->mutex, node);
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
			law_meet(&b->taken, i + 1);
		}
	}
	free(node);
}

LAW(mutex, destroy_after_unlock, "the last user may destroy it at once")
{
	struct bench b = bench_new(impl, 8000);

	law_crew(2, reuse, &b);
	bench_end(&b);
}

static void *mortal_new(const struct mutex_impl *impl)
{
	void *mutex = law_mortal(&impl->id);

	if (impl->init)
		CHECK_EQ(impl->init(mutex), 0);
	return mutex;
}

/* As an object with a count of references, which its own mutex guards. */
static void put_reference(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		void *mutex = b->mutex;

		b->impl->lock(mutex, node);
		bool last = ++b->guarded % 2 == 0;

		b->impl->unlock(mutex, node);
		if (last) {
			if (b->impl->destroy)
				b->impl->destroy(mutex);
			law_bury(&b->impl->id, mutex);
			b->mutex = mortal_new(b->impl);
			atomic_store(&b->taken, i + 1);
		} else {
			law_meet(&b->taken, i + 1);
		}
	}
	free(node);
}

LAW(mutex, freed_after_unlock, "the last user may free its memory at once")
{
	struct bench b = { .impl = impl,
			   .mutex = mortal_new(impl),
			   .rounds = law_rounds(2000) };

	law_crew(2, put_reference, &b);
	if (impl->destroy)
		impl->destroy(b.mutex);
	law_bury(&impl->id, b.mutex);
}

/* What a caller asks for, and what it wants to know of its section. */
struct parcel {
	struct bench *b;
	pthread_t owner;
	uint64_t sent, received; /* plain: handed over and back */
	unsigned runs;
	bool elsewhere; /* some section of it was run by another thread */
};

static void run_parcel(void *argument)
{
	struct parcel *p = argument;

	CHECK_EQ(atomic_fetch_add(&p->b->inside, 1), 0);
	p->b->guarded = p->b->guarded * 3 + 1;
	p->received = p->sent;
	p->runs++;
	if (!pthread_equal(pthread_self(), p->owner))
		p->elsewhere = true;
	CHECK_EQ(atomic_fetch_sub(&p->b->inside, 1), 1);
}

static void needs_call(const struct mutex_impl *impl)
{
	if (!impl->call)
		trial_skip("does not delegate: a call is lock, run, unlock");
}

static uint64_t guarded_after(unsigned sections)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < sections; i++)
		value = value * 3 + 1;
	return value;
}

static void call_rounds(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);
	struct parcel p = { .b = b, .owner = pthread_self() };

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		p.sent = i + 1;
		b->impl->call(b->mutex, node, run_parcel, &p);
		CHECK_EQ(p.runs, i + 1);
		CHECK(p.received == p.sent);
	}
	free(node);
}

LAW(mutex, call_runs_once, "a section has run once when its call returns")
{
	struct bench b = bench_new(impl, 20000);

	needs_call(impl);
	law_crew(4, call_rounds, &b);
	CHECK(b.guarded == guarded_after(4 * b.rounds));
	bench_end(&b);
}

/* Get in, in the form that i asks for, and do as a parcel's section does. */
static void call_or_lock(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *node = law_node(&b->impl->id);
	struct parcel p = { .b = b, .owner = pthread_self() };

	for (unsigned i = 0; p.runs < b->rounds; i++) {
		unsigned form = (i + index) % 4;

		if (form < 2) {
			b->impl->call(b->mutex, node, run_parcel, &p);
			continue;
		}
		if (form == 2 || !b->impl->trylock)
			b->impl->lock(b->mutex, node);
		else if (b->impl->trylock(b->mutex, node))
			continue;
		run_parcel(&p);
		/* let calls gather behind an ordinary holder */
		if (i % 16 == 0)
			sched_yield();
		b->impl->unlock(b->mutex, node);
	}
	free(node);
}

LAW(mutex, call_excludes, "sections and holders exclude and see one another")
{
	struct bench b = bench_new(impl, 10000);

	needs_call(impl);
	law_crew(4, call_or_lock, &b);
	CHECK(b.guarded == guarded_after(4 * b.rounds));
	bench_end(&b);
}

LAW(mutex, call_survives_oversubscription,
    "16 threads that call and lock finish on few cores")
{
	struct bench b = bench_new(impl, 1500);

	needs_call(impl);
	law_crew(16, call_or_lock, &b);
	CHECK(b.guarded == guarded_after(16 * b.rounds));
	bench_end(&b);
}

struct callers {
	struct bench b;
	struct law_waiter waiters[3];
	_Atomic unsigned elsewhere;
};

static void call_behind_holder(void *shared, unsigned index)
{
	struct callers *c = shared;
	void *node = law_node(&c->b.impl->id);
	struct parcel p = { .b = &c->b, .owner = pthread_self(), .sent = 7 };

	law_about_to_wait(&c->waiters[index]);
	c->b.impl->call(c->b.mutex, node, run_parcel, &p);
	CHECK_EQ(p.runs, 1);
	CHECK(p.received == p.sent);
	if (p.elsewhere)
		atomic_fetch_add(&c->elsewhere, 1);
	free(node);
}

LAW(mutex, call_delegates,
    "calls that wait for a holder are run, now and then by one another")
{
	struct callers c = { .b = bench_new(impl, 1) };
	void *node = law_node(&impl->id);

	needs_call(impl);
	for (unsigned round = 0; round < 5 || !c.elsewhere; round++) {
		struct crew *crew;

		impl->lock(c.b.mutex, node);
		crew = crew_start_waiting(3, call_behind_holder, &c, c.waiters);
		impl->unlock(c.b.mutex, node);
		crew_join(crew);
	}
	free(node);
	bench_end(&c.b);
}
