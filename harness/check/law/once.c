/* SPDX-License-Identifier: MIT */
/*
 * The laws of a once: see primitives/once.h.
 */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "../../../primitives/once.h"
#include "law.h"

enum { MANY = 1024, WAITERS = 4 };

static void *once_new(const struct once_impl *impl)
{
	void *once = law_object(&impl->id);

	if (impl->init)
		CHECK_EQ(impl->init(once), 0);
	law_age(&impl->id, once);
	return once;
}

static void once_end(const struct once_impl *impl, void *once)
{
	if (impl->destroy)
		impl->destroy(once);
	free(once);
}

/* Many onces, each with the plain datum that its function sets up. */
struct bench {
	const struct once_impl *impl;
	unsigned n, rounds;
	void *onces[MANY];
	unsigned data[MANY];
	_Atomic unsigned runs;
	_Atomic unsigned at; /* the once that all are at */
	_Atomic bool go;
	struct law_waiter waiters[WAITERS];
};

static struct bench *bench_new(const struct once_impl *impl, unsigned n)
{
	struct bench *b = calloc(1, sizeof(*b));

	CHECK(b != NULL);
	b->impl = impl;
	b->n = law_rounds(n);
	if (b->n < 2) /* what nests needs */
		b->n = 2;
	for (unsigned i = 0; i < b->n; i++)
		b->onces[i] = once_new(impl);
	return b;
}

static void bench_end(struct bench *b)
{
	for (unsigned i = 0; i < b->n; i++)
		once_end(b->impl, b->onces[i]);
	free(b);
}

static void set_up(void *argument)
{
	unsigned *datum = argument;

	/* now and then others get here while it runs, and fall asleep */
	if ((uintptr_t)datum / sizeof(*datum) % 16 == 0)
		sched_yield();
	/* plain: twice is a race, and so is a look at it too early */
	++*datum;
}

static void call_all(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < b->n; i++) {
		/* go on together, or the first one would do all the work */
		atomic_fetch_add(&b->at, 1);
		SHORTLY(atomic_load(&b->at) / b->rounds >= i);
		b->impl->call(b->onces[i], set_up, &b->data[i]);
		CHECK_EQ(b->data[i], 1);
		CHECK(b->impl->done(b->onces[i]));
	}
}

LAW(once, runs_once, "of all calls one runs, and none returns before")
{
	struct bench *b = bench_new(impl, MANY);

	b->rounds = 3;
	law_crew(3, call_all, b);
	bench_end(b);
}

LAW(once, survives_oversubscription, "16 threads finish on few cores")
{
	struct bench *b = bench_new(impl, 500);

	b->rounds = 16;
	law_crew(16, call_all, b);
	bench_end(b);
}

static void count(void *argument)
{
	++*(int *)argument;
}

LAW(once, later_calls_do_nothing, "only the first call's function ever runs")
{
	void *once = once_new(impl);
	int first = 0, second = 0;

	CHECK(!impl->done(once));
	impl->call(once, count, &first);
	CHECK(impl->done(once));
	for (int i = 0; i < 3; i++)
		impl->call(once, count, &second);
	CHECK_EQ(first, 1);
	CHECK_EQ(second, 0);
	once_end(impl, once);
}

LAW(once, zero_is_new, "all-zero bytes have not been called")
{
	void *once = law_object(&impl->id);
	int n = 0;

	if (impl->id.flags & IMPL_NEEDS_INIT)
		trial_skip("needs init");
	CHECK(!impl->done(once));
	impl->call(once, count, &n);
	CHECK_EQ(n, 1);
	free(once);
}

LAW(once, fits_if_small, "without the flag LARGE it fits a pthread_mutex_t")
{
	if (impl->id.flags & IMPL_LARGE)
		trial_skip("flagged as large");
	CHECK(impl->id.size > 0 && impl->id.size <= IMPL_SMALL_BYTES);
}

static void take_long(void *argument)
{
	struct bench *b = argument;

	CHECK(!b->impl->done(b->onces[0]));
	atomic_fetch_add(&b->runs, 1);
	EVENTUALLY(atomic_load(&b->go));
	b->data[0] = 1;
}

static void call_long(void *shared, unsigned index)
{
	struct bench *b = shared;

	law_about_to_wait(&b->waiters[index]);
	b->impl->call(b->onces[0], take_long, b);
	CHECK_EQ(b->data[0], 1);
}

LAW(once, wakes_all, "who came while it ran returns when it has run")
{
	for (unsigned i = 0; i < law_rounds(10); i++) {
		struct bench *b = bench_new(impl, 1);
		struct crew *c =
			crew_start_waiting(WAITERS, call_long, b, b->waiters);

		/* one of them waits in the function, for us */
		EVENTUALLY(atomic_load(&b->runs) > 0);
		CHECK_EQ(b->runs, 1);
		CHECK(!impl->done(b->onces[0]));
		atomic_store(&b->go, true);
		crew_join(c);
		CHECK_EQ(b->runs, 1);
		bench_end(b);
	}
}

static void look(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->n; i++) {
		if (index) {
			b->impl->call(b->onces[i], set_up, &b->data[i]);
			continue;
		}
		SHORTLY(b->impl->done(b->onces[i]));
		CHECK_EQ(b->data[i], 1);
	}
}

LAW(once, done_publishes, "whoever is told that it is done sees what it did")
{
	struct bench *b = bench_new(impl, MANY);

	law_crew(2, look, b);
	bench_end(b);
}

static void nest(void *argument)
{
	struct bench *b = argument;

	b->impl->call(b->onces[1], count, &b->data[1]);
	b->data[0]++;
}

LAW(once, nests, "the function may call another once")
{
	struct bench *b = bench_new(impl, MANY);

	for (int i = 0; i < 2; i++)
		impl->call(b->onces[0], nest, b);
	CHECK(impl->done(b->onces[0]) && impl->done(b->onces[1]));
	CHECK_EQ(b->data[0], 1);
	CHECK_EQ(b->data[1], 1);
	bench_end(b);
}

/* All others: that they share a lock may be a matter of their addresses. */
static void call_others(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 1; i < b->n; i++)
		b->impl->call(b->onces[i], count, &b->data[i]);
}

static void wait_for_others(void *argument)
{
	struct bench *b = argument;

	law_crew(2, call_others, b);
	b->data[0]++;
}

LAW(once, onces_are_apart, "the function may wait for calls of other onces")
{
	struct bench *b = bench_new(impl, MANY);

	impl->call(b->onces[0], wait_for_others, b);
	for (unsigned i = 0; i < b->n; i++)
		CHECK_EQ(b->data[i], 1);
	bench_end(b);
}

static void call_and_reuse(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *once = b->onces[0];

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		b->impl->call(once, set_up, &b->data[0]);
		/* both have returned: nobody else may touch it */
		if (atomic_fetch_add(&b->at, 1) % 2) {
			CHECK_EQ(b->data[0], i + 1);
			if (b->impl->destroy)
				b->impl->destroy(once);
			memset(once, 0xa5, b->impl->id.size);
			memset(once, 0, b->impl->id.size);
			if (b->impl->init)
				CHECK_EQ(b->impl->init(once), 0);
			atomic_fetch_add(&b->runs, 1);
		}
		SHORTLY(atomic_load(&b->runs) == i + 1);
	}
}

LAW(once, destroy_after_calls, "it may be destroyed when all calls are back")
{
	struct bench *b = bench_new(impl, 1);

	b->rounds = law_rounds(10000);
	law_crew(2, call_and_reuse, b);
	bench_end(b);
}

/* A datum that takes several attempts to set up: plain. */
struct stubborn {
	unsigned tries, wins;
};

enum { TRIES = 3 };

static int set_up_at_last(void *argument)
{
	struct stubborn *s = argument;

	/* each attempt sees what the failed ones before it have done */
	if (++s->tries < TRIES)
		return SYNC_NO_MEMORY;
	s->wins++;
	return 0;
}

LAW(once, failed_is_never_called, "a function that fails leaves it as it was")
{
	struct stubborn first = { 0 }, second = { 0 };
	void *once = once_new(impl);
	int n = 0;

	NEEDS(attempt);
	for (int i = 1; i < TRIES; i++) {
		CHECK_EQ(impl->attempt(once, set_up_at_last, &first),
			 SYNC_NO_MEMORY);
		CHECK_EQ(first.tries, i);
		CHECK(!impl->done(once));
	}
	CHECK_EQ(impl->attempt(once, set_up_at_last, &first), 0);
	CHECK(impl->done(once));
	CHECK_EQ(impl->attempt(once, set_up_at_last, &second), 0);
	impl->call(once, count, &n);
	CHECK_EQ(first.wins, 1);
	CHECK_EQ(second.tries, 0);
	CHECK_EQ(n, 0);
	once_end(impl, once);
}

LAW(once, call_after_failure, "after a failed attempt a call runs its function")
{
	struct stubborn s = { 0 };
	void *once = once_new(impl);
	int n = 0;

	NEEDS(attempt);
	CHECK_EQ(impl->attempt(once, set_up_at_last, &s), SYNC_NO_MEMORY);
	impl->call(once, count, &n);
	CHECK_EQ(n, 1);
	CHECK_EQ(impl->attempt(once, set_up_at_last, &s), 0);
	CHECK_EQ(s.tries, 1);
	once_end(impl, once);
}

static int fail_first(void *argument)
{
	struct bench *b = argument;

	EVENTUALLY(atomic_load(&b->go));
	return b->data[0]++ ? 0 : SYNC_INVALID;
}

static void attempt_long(void *shared, unsigned index)
{
	struct bench *b = shared;

	law_about_to_wait(&b->waiters[index]);
	/* one is told that it has failed; the others wait for who succeeds */
	if (b->impl->attempt(b->onces[0], fail_first, b))
		atomic_fetch_add(&b->at, 1);
	else
		CHECK_EQ(b->data[0], 2);
}

/* It goes as a cancelled thread does: over the frames of attempt. */
struct deserter {
	const struct once_impl *impl;
	void *once;
	jmp_buf out;
};

static int desert(void *argument)
{
	struct deserter *d = argument;

	d->impl->abandon(d->once);
	longjmp(d->out, 1);
}

static void attempt_and_desert(const struct once_impl *impl, void *once)
{
	struct deserter d = { .impl = impl, .once = once };

	if (!setjmp(d.out))
		impl->attempt(once, desert, &d);
}

static void desert_first(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->n; i++) {
		if (index == 0)
			attempt_and_desert(b->impl, b->onces[i]);
		b->impl->call(b->onces[i], set_up, &b->data[i]);
		CHECK_EQ(b->data[i], 1);
	}
}

LAW(once, abandoned_is_never_called,
    "a function that does not return leaves it as it was")
{
	struct bench *b = bench_new(impl, MANY);

	NEEDS(abandon);
	law_crew(3, desert_first, b);
	bench_end(b);
}

LAW(once, waiter_takes_over, "when the function fails a waiter runs its own")
{
	NEEDS(attempt);
	for (unsigned i = 0; i < law_rounds(10); i++) {
		struct bench *b = bench_new(impl, 1);
		struct crew *c = crew_start_waiting(WAITERS, attempt_long, b,
						    b->waiters);
		atomic_store(&b->go, true);
		crew_join(c);
		CHECK(impl->done(b->onces[0]));
		CHECK_EQ(b->at, 1);
		bench_end(b);
	}
}

/* Several onces in a row, with a failure or two in each. */
struct attempts {
	struct bench *bench;
	struct stubborn data[MANY];
};

static void attempt_all(void *shared, unsigned index)
{
	struct attempts *a = shared;
	struct bench *b = a->bench;

	(void)index;
	for (unsigned i = 0; i < b->n; i++) {
		atomic_fetch_add(&b->at, 1);
		SHORTLY(atomic_load(&b->at) / b->rounds >= i);
		while (b->impl->attempt(b->onces[i], set_up_at_last,
					&a->data[i]))
			atomic_fetch_add(&b->runs, 1);
		CHECK_EQ(a->data[i].wins, 1);
		CHECK(b->impl->done(b->onces[i]));
	}
}

LAW(once, attempts_race,
    "of all attempts one succeeds, and none returns before")
{
	struct attempts *a = calloc(1, sizeof(*a));

	NEEDS(attempt);
	CHECK(a != NULL);
	a->bench = bench_new(impl, MANY);
	a->bench->rounds = 3;
	law_crew(3, attempt_all, a);
	/* each failure was told to one caller */
	CHECK_EQ(a->bench->runs, (TRIES - 1) * a->bench->n);
	bench_end(a->bench);
	free(a);
}
