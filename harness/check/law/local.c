/* SPDX-License-Identifier: MIT */
/*
 * The laws of a thread-local value: see primitives/local.h.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../primitives/local.h"
#include "law.h"

enum { THREADS = 4 };

struct bench {
	const struct local_impl *impl;
	void *local, *other;
	unsigned rounds;
	_Atomic unsigned arrived, go;
	/* what destructors were given, by thread: values point in here */
	_Atomic unsigned cells[16];
};

/* Destructors have no argument but the value. */
static struct bench *bench;
static _Thread_local unsigned thread_index;

static void bench_new(struct bench *b, const struct local_impl *impl,
		      unsigned rounds, void (*destructor)(void *value))
{
	*b = (struct bench){ .impl = impl,
			     .local = law_object(&impl->id),
			     .other = law_object(&impl->id),
			     .rounds = law_rounds(rounds) };
	bench = b;
	CHECK_EQ(impl->init(b->local, destructor), 0);
	law_age(&impl->id, b->local);
}

static void bench_end(struct bench *b)
{
	b->impl->destroy(b->local);
	free(b->local);
	free(b->other);
}

/* Count the value, in the thread that it belonged to. */
static void count_value(void *value)
{
	_Atomic unsigned *cell = value;

	CHECK_EQ(cell - bench->cells, thread_index);
	atomic_fetch_add(cell, 1);
}

static void *own_cell(struct bench *b, unsigned index)
{
	thread_index = index;
	return &b->cells[index];
}

static void keep_own(void *shared, unsigned index)
{
	struct bench *b = shared;

	CHECK(b->impl->get(b->local) == NULL);
	for (uintptr_t i = 1; i <= b->rounds; i++) {
		uintptr_t mine = i * 64 + index;

		CHECK_EQ(b->impl->set(b->local, (void *)mine), 0);
		if (i % 64 == 0)
			sched_yield();
		CHECK(b->impl->get(b->local) == (void *)mine);
	}
	CHECK_EQ(b->impl->set(b->local, NULL), 0);
	CHECK(b->impl->get(b->local) == NULL);
}

LAW(local, starts_null_and_keeps,
    "each thread has its own value, NULL at first")
{
	struct bench b;

	bench_new(&b, impl, 20000, NULL);
	CHECK_EQ(impl->set(b.local, &b), 0);
	law_crew(THREADS, keep_own, &b);
	CHECK(impl->get(b.local) == &b);
	bench_end(&b);
}

LAW(local, survives_oversubscription, "16 threads keep their own values")
{
	struct bench b;

	bench_new(&b, impl, 2000, NULL);
	law_crew(16, keep_own, &b);
	bench_end(&b);
}

struct many {
	const struct local_impl *impl;
	void *locals[LOCAL_MIN];
};

/* In an order that makes tables grow in steps and by leaps. */
static void set_many(void *shared, unsigned index)
{
	struct many *m = shared;

	for (unsigned i = 0; i < LOCAL_MIN; i++) {
		unsigned k = index % 2 ? i : LOCAL_MIN - 1 - i;

		CHECK(m->impl->get(m->locals[k]) == NULL);
		CHECK_EQ(m->impl->set(m->locals[k], &m->locals[k] + index), 0);
	}
	for (unsigned i = 0; i < LOCAL_MIN; i++)
		CHECK(m->impl->get(m->locals[i]) == &m->locals[i] + index);
}

LAW(local, many_at_a_time, "LOCAL_MIN locals exist and do not mix")
{
	struct many m = { .impl = impl };

	for (unsigned i = 0; i < LOCAL_MIN; i++) {
		m.locals[i] = law_object(&impl->id);
		CHECK_EQ(impl->init(m.locals[i], NULL), 0);
	}
	law_crew(THREADS, set_many, &m);
	for (unsigned i = 0; i < LOCAL_MIN; i++) {
		impl->destroy(m.locals[i]);
		free(m.locals[i]);
	}
}

LAW(local, overflow_is_told, "one too many is refused and harms nothing")
{
	enum { TRIES = 5000 };
	void **locals = calloc(TRIES, sizeof(*locals));
	int n = 0, r = 0;

	CHECK(locals != NULL);
	for (; n < TRIES; n++) {
		locals[n] = law_object(&impl->id);
		r = impl->init(locals[n], NULL);
		if (r)
			break;
	}
	CHECK(n >= LOCAL_MIN);
	CHECK(r == 0 || r == SYNC_OVERFLOW || r == SYNC_NO_MEMORY);
	CHECK_EQ(impl->set(locals[n - 1], locals), 0);
	CHECK(impl->get(locals[n - 1]) == locals);
	/* one that goes makes room for one that comes */
	impl->destroy(locals[0]);
	CHECK_EQ(impl->init(locals[0], NULL), 0);
	CHECK(impl->get(locals[0]) == NULL);
	for (int i = 0; i < n; i++)
		impl->destroy(locals[i]);
	for (int i = 0; i <= n && i < TRIES; i++)
		free(locals[i]);
	free(locals);
}

LAW(local, ids_come_back, "it can be made and destroyed for ever")
{
	struct bench b;

	bench_new(&b, impl, 20000, NULL);
	for (unsigned i = 0; i < b.rounds; i++) {
		CHECK(impl->get(b.local) == NULL);
		CHECK_EQ(impl->set(b.local, &b), 0);
		impl->destroy(b.local);
		CHECK_EQ(impl->init(b.local, NULL), 0);
	}
	bench_end(&b);
}

/* A value set before the local is made anew is not seen after it. */
static void outlive(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 1; i <= b->rounds; i++) {
		CHECK(b->impl->get(b->local) == NULL);
		CHECK_EQ(b->impl->set(b->local, own_cell(b, index)), 0);
		atomic_fetch_add(&b->arrived, 1);
		SHORTLY(atomic_load(&b->go) == i);
	}
	CHECK(b->impl->get(b->local) == NULL);
}

LAW(local, made_anew_is_null,
    "after destroy and init every live thread has NULL")
{
	struct bench b;

	bench_new(&b, impl, 2000, count_value);
	struct crew *c = crew_start(THREADS, outlive, &b);

	for (unsigned i = 1; i <= b.rounds; i++) {
		SHORTLY(atomic_load(&b.arrived) == i * THREADS);
		impl->destroy(b.local);
		memset(b.local, 0, impl->id.size);
		CHECK_EQ(impl->init(b.local, count_value), 0);
		atomic_store(&b.go, i);
	}
	crew_join(c);
	/* destroy runs no destructors, nor does a later end of the thread */
	for (unsigned i = 0; i < THREADS; i++)
		CHECK_EQ(b.cells[i], 0);
	bench_end(&b);
}

/* Even threads end with a value, odd ones without. */
static void end_with_value(void *shared, unsigned index)
{
	struct bench *b = shared;

	CHECK_EQ(b->impl->set(b->local, own_cell(b, index)), 0);
	if (index % 2)
		CHECK_EQ(b->impl->set(b->local, NULL), 0);
}

LAW(local, destructor_runs_at_the_end, "once, in the thread, unless it is NULL")
{
	struct bench b;

	bench_new(&b, impl, 200, count_value);
	for (unsigned i = 0; i < b.rounds; i++)
		law_crew(THREADS, end_with_value, &b);
	for (unsigned i = 0; i < THREADS; i++)
		CHECK_EQ(b.cells[i], i % 2 ? 0 : b.rounds);
	bench_end(&b);
}

LAW(local, destructor_may_be_null, "then values are forgotten with the thread")
{
	struct bench b;

	bench_new(&b, impl, 50, NULL);
	for (unsigned i = 0; i < b.rounds; i++)
		law_crew(THREADS, end_with_value, &b);
	bench_end(&b);
}

/* A destructor that sets the value of another local: it is destroyed too. */
static void hand_on(void *value)
{
	CHECK_EQ(bench->impl->set(bench->other, value), 0);
}

LAW(local, destructor_may_set_another, "whose destructor then runs as well")
{
	struct bench b;

	/* local was made before other, then the other way round */
	bench_new(&b, impl, 50, hand_on);
	CHECK_EQ(impl->init(b.other, count_value), 0);
	for (unsigned i = 0; i < b.rounds; i++)
		law_crew(THREADS, end_with_value, &b);

	void *swap = b.local;

	/* the first to be made takes the last id given back: the lower */
	impl->destroy(b.other);
	impl->destroy(b.local);
	b.local = b.other;
	b.other = swap;
	CHECK_EQ(impl->init(b.other, count_value), 0);
	CHECK_EQ(impl->init(b.local, hand_on), 0);
	for (unsigned i = 0; i < b.rounds; i++)
		law_crew(THREADS, end_with_value, &b);
	for (unsigned i = 0; i < THREADS; i++)
		CHECK_EQ(b.cells[i], i % 2 ? 0 : 2 * b.rounds);
	impl->destroy(b.other);
	bench_end(&b);
}

static void wrong_destructor(void *value)
{
	(void)value;
	trial_fail("the value was another local's");
}

static void set_and_wait(void *shared, unsigned index)
{
	struct bench *b = shared;

	CHECK_EQ(b->impl->set(b->local, own_cell(b, index)), 0);
	atomic_fetch_add(&b->arrived, 1);
	EVENTUALLY(atomic_load(&b->go));
}

LAW(local, old_values_are_forgotten, "a new local never destroys an old value")
{
	struct bench b;

	bench_new(&b, impl, 10, wrong_destructor);
	for (unsigned i = 0; i < b.rounds; i++) {
		struct crew *c;

		b.arrived = b.go = 0;
		c = crew_start(THREADS, set_and_wait, &b);
		EVENTUALLY(atomic_load(&b.arrived) == THREADS);
		impl->destroy(b.local);
		CHECK_EQ(impl->init(b.local, wrong_destructor), 0);
		atomic_store(&b.go, 1);
		crew_join(c);
	}
	bench_end(&b);
}

static void set_and_end(void *shared, unsigned index)
{
	struct bench *b = shared;

	CHECK_EQ(b->impl->set(b->local, own_cell(b, index)), 0);
	atomic_fetch_add(&b->arrived, 1);
}

LAW(local, destroy_races_exit, "a value is destroyed once or forgotten")
{
	struct bench b;

	bench_new(&b, impl, 1000, count_value);
	for (unsigned i = 0; i < b.rounds; i++) {
		struct crew *c;

		b.arrived = 0;
		c = crew_start(2, set_and_end, &b);
		/* now they are ending: no more inside set */
		SHORTLY(atomic_load(&b.arrived) == 2);
		impl->destroy(b.local);
		crew_join(c);
		for (unsigned k = 0; k < 2; k++)
			CHECK(atomic_exchange(&b.cells[k], 0) <= 1);
		CHECK_EQ(impl->init(b.local, count_value), 0);
	}
	bench_end(&b);
}

/* Made, used and destroyed by many threads at a time. */
static void churn(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *local = law_object(&b->impl->id);

	for (unsigned i = 0; i < b->rounds; i++) {
		CHECK_EQ(b->impl->init(local, count_value), 0);
		CHECK(b->impl->get(local) == NULL);
		CHECK_EQ(b->impl->set(local, own_cell(b, index)), 0);
		CHECK_EQ(b->impl->set(b->local, b), 0);
		CHECK(b->impl->get(local) == own_cell(b, index));
		CHECK(b->impl->get(b->local) == b);
		b->impl->destroy(local);
	}
	CHECK_EQ(b->impl->set(b->local, NULL), 0);
	free(local);
}

LAW(local, made_by_many, "threads make and destroy locals at the same time")
{
	struct bench b;

	bench_new(&b, impl, 5000, NULL);
	law_crew(THREADS, churn, &b);
	for (unsigned i = 0; i < THREADS; i++)
		CHECK_EQ(b.cells[i], 0);
	bench_end(&b);
}

LAW(local, fits_if_small, "without the flag LARGE it fits a pthread_mutex_t")
{
	if (impl->id.flags & IMPL_LARGE)
		trial_skip("flagged as large");
	CHECK(impl->id.size > 0 && impl->id.size <= IMPL_SMALL_BYTES);
}

/* As many locals as make any table grow; 0 if all had memory. */
static int set_all(void *shared)
{
	struct many *m = shared;
	unsigned n = 0;
	int r = SYNC_OK;

	while (!r && n < LOCAL_MIN) {
		r = m->impl->init(m->locals[n], NULL);
		if (r)
			break;
		r = m->impl->set(m->locals[n], m);
		/* what was refused has changed nothing */
		CHECK(m->impl->get(m->locals[n]) == (r ? NULL : m));
		n++;
	}
	for (unsigned i = 0; i + 1 < n; i++)
		CHECK(m->impl->get(m->locals[i]) == m);
	while (n)
		m->impl->destroy(m->locals[--n]);
	return r;
}

LAW(local, no_memory, "init and set without memory say so, no value is lost")
{
	struct many m = { .impl = impl };

	for (unsigned i = 0; i < LOCAL_MIN; i++)
		m.locals[i] = law_object(&impl->id);
	law_without_memory(set_all, &m);
	CHECK_EQ(set_all(&m), SYNC_OK);
	for (unsigned i = 0; i < LOCAL_MIN; i++)
		free(m.locals[i]);
}
