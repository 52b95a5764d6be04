/* SPDX-License-Identifier: MIT */
/*
 * The laws of a counter: see primitives/counter.h.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../primitives/counter.h"
#include "law.h"

/* What a crew shares. */
struct bench {
	const struct counter_impl *impl;
	void *counter, *other;
	unsigned rounds;
	uint64_t guarded; /* plain: published by an add */
	_Atomic unsigned running;
	_Atomic unsigned expected; /* how many start together, 0: none */
	pthread_key_t key;
};

static void *counter_new(const struct counter_impl *impl)
{
	void *counter = law_object(&impl->id);

	if (impl->init)
		CHECK_EQ(impl->init(counter), 0);
	law_age(&impl->id, counter);
	return counter;
}

static void counter_end(const struct counter_impl *impl, void *counter)
{
	if (impl->destroy)
		impl->destroy(counter);
	free(counter);
}

static struct bench bench_new(const struct counter_impl *impl, unsigned rounds)
{
	return (struct bench){ .impl = impl,
			       .counter = counter_new(impl),
			       .other = counter_new(impl),
			       .rounds = law_rounds(rounds) };
}

static void bench_end(struct bench *b)
{
	counter_end(b->impl, b->counter);
	counter_end(b->impl, b->other);
}

LAW(counter, adds, "read returns the sum of the adds")
{
	struct bench b = bench_new(impl, 1);

	CHECK_EQ(impl->read(b.counter), 0);
	impl->add(b.counter, 1);
	impl->add(b.counter, 41);
	impl->add(b.counter, 0);
	CHECK_EQ(impl->read(b.counter), 42);
	/* and another counter is another one */
	CHECK_EQ(impl->read(b.other), 0);
	bench_end(&b);
}

LAW(counter, zero_is_zero, "all-zero bytes count 0")
{
	void *counter = law_object(&impl->id);

	if (impl->id.flags & IMPL_NEEDS_INIT)
		trial_skip("needs init");
	CHECK_EQ(impl->read(counter), 0);
	impl->add(counter, 5);
	CHECK_EQ(impl->read(counter), 5);
	free(counter);
}

LAW(counter, fits_if_small, "without the flag LARGE it fits a pthread_mutex_t")
{
	if (impl->id.flags & IMPL_LARGE)
		trial_skip("flagged as large");
	CHECK(impl->id.size > 0 && impl->id.size <= IMPL_SMALL_BYTES);
}

static void add_much(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < 4; i++)
		b->impl->add(b->counter, UINT64_C(1) << 63);
	b->impl->add(b->counter, UINT64_MAX);
}

LAW(counter, wraps_round, "it has 64 bits and wraps round")
{
	struct bench b = bench_new(impl, 1);

	impl->add(b.counter, UINT64_C(1) << 32);
	CHECK(impl->read(b.counter) == UINT64_C(1) << 32);
	impl->add(b.counter, UINT64_MAX - (UINT64_C(1) << 32));
	CHECK(impl->read(b.counter) == UINT64_MAX);
	impl->add(b.counter, 3);
	CHECK_EQ(impl->read(b.counter), 2);
	/* the sum wraps, whichever thread has added what */
	law_crew(2, add_much, &b);
	CHECK_EQ(impl->read(b.counter), 0);
	bench_end(&b);
}

static void add_ones(void *shared, unsigned index)
{
	struct bench *b = shared;

	/* a thread may be done before the next one has started */
	b->impl->add(b->counter, 0);
	atomic_fetch_add(&b->running, 1);
	SHORTLY(atomic_load(&b->running) >= atomic_load(&b->expected));
	for (unsigned i = 0; i < b->rounds; i++) {
		b->impl->add(b->counter, 1);
		b->impl->add(b->other, index);
	}
}

LAW(counter, loses_nothing, "no add is lost, whoever runs beside it")
{
	struct bench b = bench_new(impl, 300000);

	atomic_store(&b.expected, 4);
	law_crew(4, add_ones, &b);
	CHECK_EQ(impl->read(b.counter), 4 * b.rounds);
	CHECK_EQ(impl->read(b.other), 6 * b.rounds);
	bench_end(&b);
}

LAW(counter, survives_oversubscription, "16 threads finish on few cores")
{
	struct bench b = bench_new(impl, 20000);

	law_crew(16, add_ones, &b);
	CHECK_EQ(impl->read(b.counter), 16 * b.rounds);
	bench_end(&b);
}

/* Most threads add once and stay; a few that came last add much. */
static void crowd(void *shared, unsigned index)
{
	struct bench *b = shared;

	SHORTLY(atomic_load(&b->running) >= index);
	b->impl->add(b->counter, 1);
	if (atomic_fetch_add(&b->running, 1) < 100) {
		EVENTUALLY(atomic_load(&b->running) == 104 + 4);
		return;
	}
	SHORTLY(atomic_load(&b->running) >= 104);
	for (unsigned i = 0; i < b->rounds; i++)
		b->impl->add(b->counter, 1);
	atomic_fetch_add(&b->running, 1);
}

LAW(counter, takes_many_threads, "more threads than a table has room for")
{
	struct bench b = bench_new(impl, 300000);

	law_crew(104, crowd, &b);
	CHECK_EQ(impl->read(b.counter), 104 + 4 * b.rounds);
	bench_end(&b);
}

LAW(counter, outlives_threads, "what a thread has added stays when it ends")
{
	struct bench b = bench_new(impl, 100);

	for (unsigned i = 1; i <= 100; i++) {
		law_crew(2, add_ones, &b);
		CHECK_EQ(impl->read(b.counter), 2 * i * b.rounds);
	}
	bench_end(&b);
}

static void add_late(void *value)
{
	struct bench *b = value;

	for (unsigned i = 0; i < b->rounds; i++)
		b->impl->add(b->counter, 1);
}

static void add_and_end(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	b->impl->add(b->counter, 1);
	pthread_setspecific(b->key, b);
}

LAW(counter, counts_to_the_end, "adds in a thread's destructors count as well")
{
	struct bench b = bench_new(impl, 2000);

	/* made after whatever key the counter itself needs */
	impl->add(b.counter, 0);
	CHECK_EQ(pthread_key_create(&b.key, add_late), 0);
	for (unsigned i = 1; i <= 20; i++) {
		law_crew(8, add_and_end, &b);
		CHECK_EQ(impl->read(b.counter), 8 * i * (b.rounds + 1));
	}
	pthread_key_delete(b.key);
	bench_end(&b);
}

static void add_or_read(void *shared, unsigned index)
{
	struct bench *b = shared;
	uint64_t last = 0;

	if (index < 2) {
		add_ones(b, index);
		atomic_fetch_add(&b->running, 1);
		return;
	}
	/* each of the two counts itself when it starts and when it ends */
	while (atomic_load(&b->running) < 4) {
		uint64_t value = b->impl->read(b->counter);

		CHECK(value >= last && value <= 2 * b->rounds);
		last = value;
	}
	CHECK_EQ(b->impl->read(b->counter), 2 * b->rounds);
}

LAW(counter, reads_go_up, "while others add, a later read is no smaller")
{
	struct bench b = bench_new(impl, 200000);

	atomic_store(&b.expected, 2);
	law_crew(3, add_or_read, &b);
	bench_end(&b);
}

/* Every second add carries from the lower half of the number to the upper. */
static void carry_or_read(void *shared, unsigned index)
{
	const uint64_t half = UINT64_C(1) << 31;
	struct bench *b = shared;
	uint64_t last = 0;

	if (index == 0) {
		for (unsigned i = 0; i < b->rounds; i++)
			b->impl->add(b->counter, half);
		atomic_store(&b->running, 1);
		return;
	}
	while (!atomic_load(&b->running)) {
		uint64_t value = b->impl->read(b->counter);

		CHECK(value >= last && value <= half * b->rounds);
		last = value;
	}
	CHECK(b->impl->read(b->counter) == half * b->rounds);
}

LAW(counter, reads_are_whole, "a read sees no carry on its way")
{
	struct bench b = bench_new(impl, 200000);

	law_crew(2, carry_or_read, &b);
	bench_end(&b);
}

static void add_and_read(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		uint64_t before = b->impl->read(b->counter);

		b->impl->add(b->counter, 1);
		CHECK(b->impl->read(b->counter) > before);
	}
}

LAW(counter, reads_own_adds, "a thread's read counts its own adds")
{
	struct bench b = bench_new(impl, 50000);

	law_crew(3, add_and_read, &b);
	CHECK_EQ(impl->read(b.counter), 3 * b.rounds);
	bench_end(&b);
}

static void publish(void *shared, unsigned index)
{
	struct bench *b = shared;

	if (index == 0) {
		b->guarded = 7;
		b->impl->add(b->counter, 1);
		return;
	}
	if (index == 1) {
		/* an add after the other: it must not hide what that one says
		 */
		SHORTLY(b->impl->read(b->counter) != 0);
		b->impl->add(b->counter, 1);
		return;
	}
	SHORTLY(b->impl->read(b->counter) >= 2);
	CHECK_EQ(b->guarded, 7);
}

LAW(counter, publishes, "a read sees what was before the adds that it counts")
{
	for (unsigned i = 0; i < law_rounds(500); i++) {
		struct bench b = bench_new(impl, 1);

		law_crew(3, publish, &b);
		bench_end(&b);
	}
}
