/* SPDX-License-Identifier: MIT */
/*
 * The laws of a GIL: see primitives/gil.h.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../primitives/gil.h"
#include "law.h"

/* An interval that never ends, and one that ends in any law. */
#define HUGE_INTERVAL  UINT64_MAX
#define SHORT_INTERVAL (100 * NS_PER_US)

struct bench {
	const struct gil_impl *impl;
	void *gil;
	unsigned rounds;
	uint64_t guarded; /* plain: a race shows as a lost increment */
	_Atomic unsigned inside, stop, arrived;
	struct law_waiter waiters[2];
};

static struct bench bench_new(const struct gil_impl *impl, unsigned rounds,
			      uint64_t interval_ns)
{
	struct bench b = { .impl = impl,
			   .gil = law_object(&impl->id),
			   .rounds = law_rounds(rounds) };

	CHECK_EQ(impl->init(b.gil, interval_ns), 0);
	law_age(&impl->id, b.gil);
	return b;
}

static void bench_end(struct bench *b)
{
	if (b->impl->destroy)
		b->impl->destroy(b->gil);
	free(b->gil);
}

static void enter(struct bench *b)
{
	CHECK_EQ(atomic_fetch_add(&b->inside, 1), 0);
	b->guarded++;
	CHECK_EQ(atomic_fetch_sub(&b->inside, 1), 1);
}

/* A thread that computes a little, yields now and then, and does I/O. */
static void compute(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		b->impl->acquire(b->gil);
		enter(b);
		if ((i + index) % 4 == 0) {
			b->impl->yield(b->gil);
			enter(b);
		}
		b->impl->release(b->gil);
	}
}

static uint64_t entered(unsigned threads, unsigned rounds)
{
	uint64_t n = 0;

	for (unsigned t = 0; t < threads; t++)
		for (unsigned i = 0; i < rounds; i++)
			n += (i + t) % 4 ? 1 : 2;
	return n;
}

LAW(gil, excludes, "never two threads hold it")
{
	struct bench b = bench_new(impl, 10000, SHORT_INTERVAL);

	law_crew(4, compute, &b);
	CHECK_EQ(b.guarded, entered(4, b.rounds));
	bench_end(&b);
}

LAW(gil, survives_oversubscription, "16 threads finish on few cores")
{
	struct bench b = bench_new(impl, 1000, SHORT_INTERVAL);

	law_crew(16, compute, &b);
	CHECK_EQ(b.guarded, entered(16, b.rounds));
	bench_end(&b);
}

static void publish(void *shared, unsigned index)
{
	struct bench *b = shared;

	b->impl->acquire(b->gil);
	for (unsigned i = 0; i < b->rounds; i++) {
		/* plain, so that ThreadSanitizer sees a missing edge */
		b->guarded = b->guarded * 3 + 1;
		if ((i + index) % 3)
			b->impl->yield(b->gil);
		else {
			b->impl->release(b->gil);
			b->impl->acquire(b->gil);
		}
	}
	b->impl->release(b->gil);
}

LAW(gil, publishes, "a holder sees all that earlier holders wrote")
{
	struct bench b = bench_new(impl, 10000, 10 * NS_PER_US);
	uint64_t expected = 0;

	law_crew(3, publish, &b);
	for (unsigned i = 0; i < 3 * b.rounds; i++)
		expected = expected * 3 + 1;
	CHECK(b.guarded == expected);
	bench_end(&b);
}

static void take_once(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	atomic_fetch_add(&b->arrived, 1);
	b->impl->acquire(b->gil);
	b->guarded++;
	b->impl->release(b->gil);
}

LAW(gil, no_lost_wakeup, "sleeping waiters get it when it is released")
{
	/* nobody asks for a drop: release alone must wake them */
	struct bench b = bench_new(impl, 30, HUGE_INTERVAL);

	for (unsigned i = 0; i < b.rounds; i++) {
		struct crew *c;

		impl->acquire(b.gil);
		c = crew_start(3, take_once, &b);
		law_pause(); /* the waiters fall asleep, most of the time */
		impl->release(b.gil);
		crew_join(c);
	}
	CHECK_EQ(b.guarded, 3 * b.rounds);
	bench_end(&b);
}

LAW(gil, yield_without_request_keeps_it, "alone, yield is false at once")
{
	struct bench b = bench_new(impl, 100000, 1);

	impl->acquire(b.gil);
	for (unsigned i = 0; i < b.rounds; i++)
		CHECK(!impl->yield(b.gil));
	CHECK_EQ(impl->switches(b.gil), 0);
	impl->release(b.gil);
	bench_end(&b);
}

LAW(gil, forced_switch, "a computing holder is asked; another has it between")
{
	struct bench b = bench_new(impl, 60, SHORT_INTERVAL);

	impl->acquire(b.gil);
	for (unsigned i = 0; i < b.rounds; i++) {
		uint64_t before = b.guarded, hands = impl->switches(b.gil);
		struct crew *c = crew_start(1, take_once, &b);

		/* no release: only the waiter's request can end this */
		while (!impl->yield(b.gil))
			CHECK_EQ(b.guarded, before);
		CHECK_EQ(b.guarded, before + 1);
		CHECK_EQ(impl->switches(b.gil), hands + 2);
		crew_join(c);
		/* the request went with its waiter */
		CHECK(!impl->yield(b.gil));
	}
	impl->release(b.gil);
	bench_end(&b);
}

LAW(gil, request_ends_with_its_waiter, "nobody waits: yield never blocks")
{
	struct bench b = bench_new(impl, 100, 20 * NS_PER_US);

	for (unsigned i = 0; i < b.rounds; i++) {
		struct crew *c;

		impl->acquire(b.gil);
		c = crew_start(3, take_once, &b);
		/* they have asked, some rounds; released, not yielded */
		for (unsigned n = i % 4 * 50; n; n--)
			sched_yield();
		impl->release(b.gil);
		impl->acquire(b.gil);
		impl->yield(b.gil);
		impl->release(b.gil);
		crew_join(c);

		impl->acquire(b.gil);
		CHECK(!impl->yield(b.gil));
		impl->release(b.gil);
	}
	CHECK_EQ(b.guarded, 3 * b.rounds);
	bench_end(&b);
}

/* Hold and compute until told to stop; a request is honoured each time. */
static void hog(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	b->impl->acquire(b->gil);
	while (!atomic_load(&b->stop))
		b->impl->yield(b->gil);
	b->impl->release(b->gil);
}

LAW(gil, computing_threads_take_turns, "no waiter is kept out by computing")
{
	struct bench b = bench_new(impl, 30, SHORT_INTERVAL);
	struct crew *c = crew_start(2, hog, &b);

	for (unsigned i = 0; i < b.rounds; i++)
		take_once(&b, 0);
	atomic_store(&b.stop, 1);
	crew_join(c);
	CHECK_EQ(b.guarded, b.rounds);
	bench_end(&b);
}

/* Take it, and compute until the other one has had it as well. */
static void compute_until_both_have_had_it(void *shared, unsigned index)
{
	struct bench *b = shared;

	law_about_to_wait(&b->waiters[index]);
	b->impl->acquire(b->gil);
	b->guarded++;
	while (b->guarded % 2)
		b->impl->yield(b->gil);
	b->impl->release(b->gil);
}

LAW(gil, asks_again, "a waiter whom another one forestalls makes a new request")
{
	struct bench b = bench_new(impl, 20, SHORT_INTERVAL);

	for (unsigned i = 0; i < b.rounds; i++) {
		struct crew *c;

		memset(b.waiters, 0, sizeof(b.waiters));
		impl->acquire(b.gil);
		c = crew_start_waiting(2, compute_until_both_have_had_it, &b,
				       b.waiters);
		law_pause(); /* both have asked, most of the time */
		/* One of them takes it, and with it the request of both. */
		impl->release(b.gil);
		crew_join(c);
	}
	bench_end(&b);
}

/* Yield for a while beside a waiter: is a drop ever requested? */
static bool drop_comes(struct bench *b)
{
	struct crew *c;
	bool came = false;

	atomic_store(&b->arrived, 0);
	b->impl->acquire(b->gil);
	c = crew_start(1, take_once, b);
	EVENTUALLY(atomic_load(&b->arrived) == 1);
	for (int ms = 0; ms < 40 && !came; ms++) {
		law_pause();
		came = b->impl->yield(b->gil);
	}
	b->impl->release(b->gil);
	crew_join(c);
	return came;
}

LAW(gil, interval_is_honoured, "no request comes before the interval is over")
{
	struct bench b = bench_new(impl, 1, HUGE_INTERVAL);

	CHECK(!drop_comes(&b));
	bench_end(&b);
}

LAW(gil, set_interval_is_honoured, "waits that start afterwards use it")
{
	struct bench b = bench_new(impl, 1, HUGE_INTERVAL);

	impl->set_interval(b.gil, SHORT_INTERVAL);
	impl->acquire(b.gil);
	struct crew *c = crew_start(1, take_once, &b);

	EVENTUALLY(impl->yield(b.gil));
	impl->release(b.gil);
	crew_join(c);
	impl->set_interval(b.gil, HUGE_INTERVAL);
	CHECK(!drop_comes(&b));
	bench_end(&b);
}

LAW(gil, interval_0_is_refused, "an interval of 0 makes no sense")
{
	void *gil = law_object(&impl->id);

	CHECK_EQ(impl->init(gil, 0), SYNC_INVALID);
	free(gil);
}

LAW(gil, switches_counts, "it counts changes of hands and nothing else")
{
	struct bench b = bench_new(impl, 200, SHORT_INTERVAL);

	for (unsigned i = 0; i < 10; i++)
		take_once(&b, 0);
	CHECK_EQ(impl->switches(b.gil), 0);
	/* one thread after the other, on the same stack as often as not */
	for (unsigned i = 0; i < b.rounds; i++) {
		law_crew(1, take_once, &b);
		CHECK_EQ(impl->switches(b.gil), i + 1);
	}
	bench_end(&b);
}

LAW(gil, init_forgets, "made again in the same memory it starts anew")
{
	struct bench b = bench_new(impl, 1, SHORT_INTERVAL);

	law_crew(2, take_once, &b);
	CHECK(impl->switches(b.gil) == 1);
	if (impl->destroy)
		impl->destroy(b.gil);
	CHECK_EQ(impl->init(b.gil, SHORT_INTERVAL), 0);
	law_age(&impl->id, b.gil);
	CHECK_EQ(impl->switches(b.gil), 0);
	law_crew(2, take_once, &b);
	CHECK_EQ(impl->switches(b.gil), 1);
	bench_end(&b);
}

LAW(gil, fits_if_small, "without the flag LARGE it fits a pthread_mutex_t")
{
	if (impl->id.flags & IMPL_LARGE)
		trial_skip("flagged as large");
	CHECK(impl->id.size > 0 && impl->id.size <= IMPL_SMALL_BYTES);
}

static int init_and_destroy(void *shared)
{
	struct bench *b = shared;
	int r = b->impl->init(b->gil, SHORT_INTERVAL);

	if (!r && b->impl->destroy)
		b->impl->destroy(b->gil);
	return r;
}

LAW(gil, no_memory, "init without memory says so, and leaves nothing")
{
	struct bench b = { .impl = impl, .gil = law_object(&impl->id) };

	law_without_memory(init_and_destroy, &b);
	CHECK_EQ(init_and_destroy(&b), 0);
	free(b.gil);
}
