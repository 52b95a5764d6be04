/* SPDX-License-Identifier: MIT */
/*
 * The laws of an event: see primitives/event.h.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../primitives/event.h"
#include "../../kit/cpu.h"
#include "law.h"

enum { WAITERS = 4, RING = 16 };

/* What a crew shares. */
struct bench {
	const struct event_impl *impl;
	void *event;
	unsigned rounds;
	uint64_t guarded; /* plain: a race shows under ThreadSanitizer */
	struct law_waiter waiters[FAR_DEADLINES];
	_Atomic unsigned returned;
	_Atomic bool over;
};

static void *event_new(const struct event_impl *impl)
{
	void *event = law_object(&impl->id);

	if (impl->init)
		CHECK_EQ(impl->init(event), 0);
	law_age(&impl->id, event);
	return event;
}

static void event_end(const struct event_impl *impl, void *event)
{
	if (impl->destroy)
		impl->destroy(event);
	free(event);
}

static struct bench bench_new(const struct event_impl *impl, unsigned rounds)
{
	return (struct bench){ .impl = impl,
			       .event = event_new(impl),
			       .rounds = law_rounds(rounds) };
}

static void bench_end(struct bench *b)
{
	event_end(b->impl, b->event);
}

LAW(event, is_a_flag, "set and clear change what is_set says")
{
	struct bench b = bench_new(impl, 1);

	CHECK(!impl->is_set(b.event));
	impl->clear(b.event);
	CHECK(!impl->is_set(b.event));
	for (int i = 0; i < 3; i++) {
		impl->set(b.event);
		impl->set(b.event);
		CHECK(impl->is_set(b.event));
		impl->wait(b.event);
		CHECK(impl->is_set(b.event));
		/* one clear undoes any number of sets */
		impl->clear(b.event);
		CHECK(!impl->is_set(b.event));
	}
	bench_end(&b);
}

LAW(event, zero_is_clear, "all-zero bytes are a clear event")
{
	void *event = law_object(&impl->id);

	if (impl->id.flags & IMPL_NEEDS_INIT)
		trial_skip("needs init");
	CHECK(!impl->is_set(event));
	impl->set(event);
	impl->wait(event);
	free(event);
}

LAW(event, fits_if_small, "without the flag LARGE it fits a pthread_mutex_t")
{
	if (impl->id.flags & IMPL_LARGE)
		trial_skip("flagged as large");
	CHECK(impl->id.size > 0 && impl->id.size <= IMPL_SMALL_BYTES);
}

static void time_out(void *shared, unsigned index)
{
	struct bench *b = shared;
	uint64_t deadline = SOON;

	(void)index;
	CHECK_EQ(b->impl->timedwait(b->event, deadline), SYNC_TIMEOUT);
	CHECK(now_ns() >= deadline);
	CHECK_EQ(b->impl->timedwait(b->event, 0), SYNC_TIMEOUT);
}

LAW(event, timed_times_out, "a clear event times out, and not too early")
{
	struct bench b = bench_new(impl, 1);

	NEEDS(timedwait);
	law_crew(3, time_out, &b);
	CHECK(!impl->is_set(b.event));
	bench_end(&b);
}

static void wait_for_ages(void *shared, unsigned index)
{
	struct bench *b = shared;

	law_about_to_wait(&b->waiters[index]);
	CHECK_EQ(b->impl->timedwait(b->event, law_far_deadline(index)),
		 SYNC_OK);
}

LAW(event, far_deadline_waits, "a deadline years away has not passed")
{
	struct bench b = bench_new(impl, 1);
	struct crew *c;

	NEEDS(timedwait);
	c = crew_start_waiting(FAR_DEADLINES, wait_for_ages, &b, b.waiters);
	impl->set(b.event);
	crew_join(c);
	bench_end(&b);
}

LAW(event, timed_sees_set, "an event that is set is never a timeout")
{
	struct bench b = bench_new(impl, 1);

	NEEDS(timedwait);
	impl->set(b.event);
	CHECK_EQ(impl->timedwait(b.event, 0), SYNC_OK);
	CHECK_EQ(impl->timedwait(b.event, DEADLINE_NEVER), SYNC_OK);
	bench_end(&b);
}

static void wait_once(void *shared, unsigned index)
{
	struct bench *b = shared;

	law_about_to_wait(&b->waiters[index]);
	b->impl->wait(b->event);
	CHECK_EQ(b->guarded, 1);
	atomic_fetch_add(&b->returned, 1);
}

static struct crew *start_waiting(struct bench *b)
{
	struct crew *c = crew_start_waiting(WAITERS, wait_once, b, b->waiters);
	CHECK_EQ(atomic_load(&b->returned), 0);
	return c;
}

LAW(event, set_wakes_all, "set lets all waiters through, and not before")
{
	for (unsigned i = 0; i < law_rounds(10); i++) {
		struct bench b = bench_new(impl, 1);
		struct crew *c = start_waiting(&b);

		b.guarded = 1;
		impl->set(b.event);
		crew_join(c);
		bench_end(&b);
	}
}

/* So many sets, before those who wait have looked: not to be taken for none. */
static void pulse(const struct event_impl *impl, unsigned sets)
{
	struct bench b = bench_new(impl, 1);
	struct crew *c = start_waiting(&b);

	b.guarded = 1;
	for (; sets; sets--) {
		impl->set(b.event);
		impl->clear(b.event);
	}
	crew_join(c);
	CHECK(!impl->is_set(b.event));
	/* and whoever comes later waits for the next set */
	if (impl->timedwait)
		CHECK_EQ(impl->timedwait(b.event, 0), SYNC_TIMEOUT);
	bench_end(&b);
}

LAW(event, pulse_strands_nobody,
    "who waits when set runs returns, even if clear follows at once")
{
	for (unsigned i = 0; i < law_rounds(8); i++)
		for (unsigned sets = 1; sets <= 4; sets *= 2)
			pulse(impl, sets);
}

LAW(event, timeouts_strand_nobody,
    "set lets those through who wait on when others have given up")
{
	NEEDS(timedwait);
	for (unsigned i = 0; i < law_rounds(10); i++) {
		struct bench b = bench_new(impl, 1);
		struct crew *c = start_waiting(&b);

		for (unsigned n = 0; n <= i % 3; n++)
			CHECK_EQ(impl->timedwait(b.event,
						 deadline_in(n * 1000)),
				 SYNC_TIMEOUT);
		b.guarded = 1;
		impl->set(b.event);
		crew_join(c);
		bench_end(&b);
	}
}

static void poll_or_wait(void *shared, unsigned index)
{
	struct bench *b = shared;

	if (index == 0)
		SHORTLY(b->impl->is_set(b->event));
	else if (index == 1)
		b->impl->wait(b->event);
	else
		while (b->impl->timedwait(b->event, deadline_in(NS_PER_US)))
			;
	CHECK_EQ(b->guarded, 1);
}

LAW(event, publishes, "is_set and wait see all that was written before set")
{
	for (unsigned i = 0; i < law_rounds(500); i++) {
		struct bench b = bench_new(impl, 1);
		struct crew *c;

		if (!impl->timedwait)
			trial_skip(impl->id.unsupported);
		c = crew_start(3, poll_or_wait, &b);
		b.guarded = 1;
		impl->set(b.event);
		crew_join(c);
		bench_end(&b);
	}
}

/* Threads pass a baton: each waits for its own event, then sets the next. */
struct ring {
	const struct event_impl *impl;
	unsigned n, rounds;
	uint64_t passed; /* plain: guarded by the baton */
	void *events[RING];
};

static void pass_on(void *shared, unsigned index)
{
	struct ring *r = shared;

	for (unsigned i = 0; i < r->rounds; i++) {
		r->impl->wait(r->events[index]);
		r->impl->clear(r->events[index]);
		CHECK_EQ(r->passed, (uint64_t)i * r->n + index);
		r->passed++;
		r->impl->set(r->events[(index + 1) % r->n]);
	}
}

static void pass_round(const struct event_impl *impl, unsigned n,
		       unsigned rounds)
{
	struct ring r = { .impl = impl, .n = n, .rounds = law_rounds(rounds) };

	for (unsigned i = 0; i < n; i++)
		r.events[i] = event_new(impl);
	impl->set(r.events[0]);
	law_crew(n, pass_on, &r);
	CHECK_EQ(r.passed, (uint64_t)n * r.rounds);
	for (unsigned i = 0; i < n; i++)
		event_end(impl, r.events[i]);
}

LAW(event, no_lost_wakeup, "two threads that wake each other never both sleep")
{
	pass_round(impl, 2, 20000);
}

LAW(event, survives_oversubscription, "16 threads finish on few cores")
{
	pass_round(impl, RING, 200);
}

/* A mailbox on a line of its own; only the event orders the relaxed store. */
struct mailbox {
	struct bench b;
	uint64_t until; /* a busy neighbour makes each meeting a time slice */
	_Atomic unsigned met;
	_Alignas(CACHE_LINE) _Atomic unsigned posted;
};

static void meet(struct mailbox *m)
{
	unsigned all = atomic_fetch_add(&m->met, 1) / 2 * 2 + 2;

	/* spin for long before yielding: both are to go on at the same time */
	for (unsigned turns = 1; atomic_load(&m->met) < all; turns++)
		if (turns % 256 == 0)
			sched_yield();
}

static void post_or_clear(void *shared, unsigned index)
{
	struct mailbox *m = shared;
	const struct event_impl *impl = m->b.impl;
	unsigned seen = 0;

	cpu_pin(index);
	for (unsigned i = 1;; i++) {
		if (index == 0) {
			impl->set(m->b.event);
			law_store_far();
			if (i > m->b.rounds || deadline_passed(m->until))
				atomic_store(&m->b.over, true);
		}
		meet(m);
		if (atomic_load(&m->b.over))
			return;
		if (index == 0) {
			atomic_store_explicit(&m->posted, i,
					      memory_order_relaxed);
			impl->set(m->b.event);
		} else {
			/* a few ns more each time: some of them are right */
			for (volatile unsigned n = i % 64; n; n--)
				;
			law_store_far();
			impl->clear(m->b.event);
			seen = atomic_load_explicit(&m->posted,
						    memory_order_relaxed);
		}
		meet(m);
		if (index == 1)
			CHECK(seen == i || impl->is_set(m->b.event));
		meet(m);
	}
}

LAW(event, clear_loses_no_news, "what set announced is seen after clear")
{
	struct mailbox m = { .b = bench_new(impl, 20000),
			     .until = deadline_in(200 * NS_PER_MS) };

	/* a set may not be skipped because the flag is up: the load that finds
	 * it up could pass the store of what is announced */
	law_crew(2, post_or_clear, &m);
	bench_end(&m.b);
}

static void wait_in_a_hurry(void *shared, unsigned index)
{
	struct bench *b = shared;
	unsigned i = 0;
	bool over;

	do {
		uint64_t ns = (i++ * 7 + index * 13) % 40 * NS_PER_US;
		int result;

		over = atomic_load(&b->over);
		result = b->impl->timedwait(b->event, deadline_in(ns));
		CHECK(result == SYNC_OK || (result == SYNC_TIMEOUT && !over));
	} while (!over);
	b->impl->wait(b->event);
}

LAW(event, timeout_races_set,
    "a waiter that gives up spoils nothing for others")
{
	struct bench b = bench_new(impl, 400);
	struct crew *c;

	NEEDS(timedwait);
	c = crew_start(3, wait_in_a_hurry, &b);
	for (unsigned i = 0; i < b.rounds; i++) {
		impl->set(b.event);
		if (i % 4 == 0)
			sched_yield();
		impl->clear(b.event);
		sched_yield();
	}
	impl->set(b.event);
	atomic_store(&b.over, true);
	crew_join(c);
	bench_end(&b);
}

static void set_and_clear(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++)
		if ((i + index) % 3)
			b->impl->set(b->event);
		else
			b->impl->clear(b->event);
}

static void wait_till_over(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	while (!atomic_load(&b->over)) {
		b->impl->wait(b->event);
		atomic_fetch_add(&b->returned, 1);
	}
}

LAW(event, writers_race, "sets and clears of many threads leave it working")
{
	struct bench b = bench_new(impl, 20000);
	struct crew *c = crew_start(2, wait_till_over, &b);

	law_crew(3, set_and_clear, &b);
	impl->clear(b.event);
	CHECK(!impl->is_set(b.event));
	atomic_store(&b.over, true);
	impl->set(b.event);
	CHECK(impl->is_set(b.event));
	crew_join(c);
	bench_end(&b);
}

static void set_or_reuse(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		if (index) {
			SHORTLY(atomic_load(&b->returned) == i);
			b->impl->set(b->event);
			continue;
		}
		/* come late now and then: while set is still at work */
		for (unsigned n = 1; i % 2 && !b->impl->is_set(b->event); n++)
			if (n % 256 == 0)
				sched_yield();
		b->impl->wait(b->event);
		/* set has let us through: nobody else may touch it */
		if (b->impl->destroy)
			b->impl->destroy(b->event);
		memset(b->event, 0xa5, b->impl->id.size);
		memset(b->event, 0, b->impl->id.size);
		if (b->impl->init)
			CHECK_EQ(b->impl->init(b->event), 0);
		law_age(&b->impl->id, b->event);
		atomic_store(&b->returned, i + 1);
	}
}

LAW(event, destroy_after_wait, "the last waiter may destroy it at once")
{
	struct bench b = bench_new(impl, 10000);

	law_crew(2, set_or_reuse, &b);
	bench_end(&b);
}

/* An event that lives for one set. */
struct completion {
	const struct event_impl *impl;
	unsigned rounds;
	_Atomic(void *) event;
};

static void complete_or_bury(void *shared, unsigned index)
{
	struct completion *c = shared;
	const struct event_impl *impl = c->impl;
	void *e;

	for (unsigned i = 0; i < c->rounds; i++) {
		if (index) {
			SHORTLY((e = atomic_exchange(&c->event, NULL)));
			impl->set(e);
			continue;
		}
		e = law_mortal(&impl->id);
		if (impl->init)
			CHECK_EQ(impl->init(e), 0);
		atomic_store(&c->event, e);
		/* do not sleep now and then: set is still at work */
		if (i % 2)
			SHORTLY(impl->is_set(e));
		impl->wait(e);
		if (impl->destroy)
			impl->destroy(e);
		law_bury(&impl->id, e);
	}
}

LAW(event, freed_after_wait, "the last to return from wait may free it")
{
	struct completion c = { .impl = impl, .rounds = law_rounds(5000) };

	law_crew(2, complete_or_bury, &c);
}
