/* SPDX-License-Identifier: MIT */
/*
 * The laws of an executor: see primitives/executor.h.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../primitives/executor.h"
#include "law.h"

/* What the threads of a law share. */
struct bench {
	const struct executor_impl *impl;
	void *executor;
	unsigned rounds;
	uint64_t plain; /* guarded by what the law is about, so that
			 * ThreadSanitizer sees a missing edge */
	_Atomic unsigned started, ran, called;
	_Atomic bool open; /* see wait_at_gate */
	void *future;
};

static void *executor_new(const struct executor_impl *impl, unsigned workers)
{
	void *executor = law_mortal(&impl->id);

	CHECK_EQ(impl->init(executor, workers), 0);
	law_age(&impl->id, executor);
	return executor;
}

static struct bench bench_new(const struct executor_impl *impl,
			      unsigned workers, unsigned rounds)
{
	return (struct bench){ .impl = impl,
			       .executor = executor_new(impl, workers),
			       .rounds = law_rounds(rounds) };
}

static void bench_end(struct bench *b)
{
	b->impl->destroy(b->executor);
	law_bury(&b->impl->id, b->executor);
}

/* Memory of a future, uninitialised on purpose. */
static void future_poison(const struct executor_impl *impl, void *future)
{
	memset(future, 0xa5, impl->future_size);
}

static size_t future_stride(const struct executor_impl *impl)
{
	return (impl->future_size + 15) & ~(size_t)15;
}

static char *futures_new(const struct executor_impl *impl, size_t n)
{
	char *futures = aligned_alloc(16, n * future_stride(impl));

	CHECK(futures != NULL);
	return memset(futures, 0xa5, n * future_stride(impl));
}

/* The last use of a future, after which its memory changes at once. */
static void future_free(const struct executor_impl *impl, void *future)
{
	future_poison(impl, future);
	free(future);
}

static void *increment(void *counter)
{
	atomic_fetch_add((_Atomic unsigned *)counter, 1);
	return NULL;
}

static void count_call(void *bench)
{
	atomic_fetch_add(&((struct bench *)bench)->called, 1);
}

static void *add_one(void *number)
{
	return (void *)((uintptr_t)number + 1);
}

/* A task that keeps its worker until the law opens the gate. */
static void *wait_at_gate(void *bench)
{
	struct bench *b = bench;

	atomic_fetch_add(&b->started, 1);
	EVENTUALLY(atomic_load(&b->open));
	return b;
}

static void block_worker(struct bench *b, void *future)
{
	unsigned before = atomic_load(&b->started);

	CHECK_EQ(b->impl->submit(b->executor, future, wait_at_gate, b), 0);
	EVENTUALLY(atomic_load(&b->started) == before + 1);
}

LAW(executor, runs_all, "each submitted task runs, and once")
{
	enum { FUTURES = 100 };
	struct bench b = bench_new(impl, 4, 100);
	char *futures = futures_new(impl, FUTURES);
	size_t stride = future_stride(impl);

	for (unsigned round = 0; round < b.rounds; round++) {
		_Atomic unsigned runs[FUTURES] = { 0 };

		for (size_t i = 0; i < FUTURES; i++)
			CHECK_EQ(impl->submit(b.executor, futures + i * stride,
					      increment, &runs[i]),
				 0);
		for (size_t i = 0; i < FUTURES; i++)
			CHECK_EQ(impl->result(futures + i * stride,
					      DEADLINE_NEVER, NULL),
				 0);
		for (size_t i = 0; i < FUTURES; i++)
			CHECK_EQ(atomic_load(&runs[i]), 1);
	}
	bench_end(&b);
	free(futures);
}

LAW(executor, results_are_right, "result gives what the task has returned")
{
	enum { FUTURES = 64 };
	struct bench b = bench_new(impl, 3, 100);
	char *futures = futures_new(impl, FUTURES);
	size_t stride = future_stride(impl);
	void *value;

	for (uintptr_t round = 0; round < b.rounds; round++) {
		for (size_t i = 0; i < FUTURES; i++)
			CHECK_EQ(impl->submit(b.executor, futures + i * stride,
					      add_one, (void *)(round + i)),
				 0);
		/* from the last to the first, and each of them twice */
		for (size_t i = 2 * (size_t)FUTURES; i-- > 0;) {
			CHECK_EQ(impl->result(futures + i / 2 * stride,
					      DEADLINE_NEVER, &value),
				 0);
			CHECK_EQ((uintptr_t)value, round + i / 2 + 1);
		}
	}
	bench_end(&b);
	free(futures);
}

LAW(executor, map_keeps_order, "out[i] is the function of in[i]")
{
	enum { ITEMS = 500 };
	struct bench b = bench_new(impl, 4, 100);
	void *in[ITEMS], *out[ITEMS];

	for (size_t i = 0; i < ITEMS; i++)
		in[i] = (void *)(7 * i);
	for (unsigned round = 0; round < b.rounds; round++) {
		size_t n = 1 + round * 37 % ITEMS;

		memset(out, 0, sizeof(out));
		CHECK_EQ(impl->map(b.executor, add_one, in, out, n), 0);
		for (size_t i = 0; i < n; i++)
			CHECK_EQ((uintptr_t)out[i], 7 * i + 1);
		for (size_t i = n; i < ITEMS; i++)
			CHECK(out[i] == NULL);
	}
	CHECK_EQ(impl->map(b.executor, add_one, in, out, 0), 0);
	bench_end(&b);
}

LAW(executor, map_in_place, "the input may be the output")
{
	enum { ITEMS = 100 };
	struct bench b = bench_new(impl, 4, 200);
	void *items[ITEMS] = { 0 };

	for (unsigned round = 0; round < b.rounds; round++)
		CHECK_EQ(impl->map(b.executor, add_one, items, items, ITEMS),
			 0);
	for (size_t i = 0; i < ITEMS; i++)
		CHECK_EQ((uintptr_t)items[i], b.rounds);
	bench_end(&b);
}

static void map_and_submit(void *shared, unsigned index)
{
	enum { ITEMS = 20 };
	struct bench *b = shared;
	char *future = futures_new(b->impl, 1);
	void *items[ITEMS] = { 0 }, *value;

	for (uintptr_t i = 0; i < b->rounds; i++) {
		CHECK_EQ(b->impl->submit(b->executor, future, add_one,
					 (void *)(i + index)),
			 0);
		CHECK_EQ(b->impl->map(b->executor, add_one, items, items,
				      ITEMS),
			 0);
		CHECK_EQ(b->impl->result(future, DEADLINE_NEVER, &value), 0);
		CHECK_EQ((uintptr_t)value, i + index + 1);
	}
	for (size_t i = 0; i < ITEMS; i++)
		CHECK_EQ((uintptr_t)items[i], b->rounds);
	future_free(b->impl, future);
}

LAW(executor, maps_mix, "several threads map and submit at a time")
{
	struct bench b = bench_new(impl, 3, 500);

	law_crew(4, map_and_submit, &b);
	bench_end(&b);
}

/* Notes in which order its tasks have started. */
struct order {
	unsigned n;
	unsigned seen[32];
};

static struct order order; /* of the one worker; published by result */

static void *note_order(void *number)
{
	order.seen[order.n++] = (unsigned)(uintptr_t)number;
	return number;
}

static void map_four(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *in[4];

	(void)index;
	for (uintptr_t i = 0; i < 4; i++)
		in[i] = (void *)(10 + i);
	CHECK_EQ(b->impl->map(b->executor, note_order, in, in, 4), 0);
}

LAW(executor, starts_in_order, "tasks start in the order of submission")
{
	struct bench b = bench_new(impl, 1, 1);
	char *futures = futures_new(impl, 21);
	size_t stride = future_stride(impl);
	struct crew *c;

	block_worker(&b, futures + 20 * stride);
	for (uintptr_t i = 0; i < 10; i++)
		CHECK_EQ(impl->submit(b.executor, futures + i * stride,
				      note_order, (void *)i),
			 0);
	c = crew_start(1, map_four, &b);
	for (int ms = 0; ms < 50; ms++)
		law_pause(); /* the map is queued, most of the time */
	for (uintptr_t i = 10; i < 20; i++)
		CHECK_EQ(impl->submit(b.executor, futures + i * stride,
				      note_order, (void *)(i + 4)),
			 0);
	atomic_store(&b.open, true);
	crew_join(c);
	for (size_t i = 0; i < 20; i++)
		CHECK_EQ(impl->result(futures + i * stride, DEADLINE_NEVER,
				      NULL),
			 0);

	unsigned task = 0, item = 10;

	CHECK_EQ(order.n, 24);
	for (unsigned i = 0; i < 24; i++) {
		/* the map may have come late; its own order is certain */
		if (order.seen[i] == item && item < 14)
			item++;
		else {
			CHECK_EQ(order.seen[i], task);
			task = task == 9 ? 14 : task + 1;
		}
	}
	bench_end(&b);
	free(futures);
}

static void *submit_behind(void *bench)
{
	struct bench *b = bench;

	wait_at_gate(b);
	CHECK_EQ(b->impl->submit(b->executor, b->future, note_order, (void *)1),
		 0);
	return b;
}

LAW(executor, task_submits_in_order, "what a task submits comes last")
{
	struct bench b = bench_new(impl, 1, 1);
	char *futures = futures_new(impl, 3);
	size_t stride = future_stride(impl);

	b.future = futures + 2 * stride;
	CHECK_EQ(impl->submit(b.executor, futures, submit_behind, &b), 0);
	EVENTUALLY(atomic_load(&b.started) == 1);
	CHECK_EQ(impl->submit(b.executor, futures + stride, note_order, NULL),
		 0);
	atomic_store(&b.open, true);
	for (size_t i = 0; i < 3; i++)
		CHECK_EQ(impl->result(futures + i * stride, DEADLINE_NEVER,
				      NULL),
			 0);
	CHECK_EQ(order.n, 2);
	CHECK_EQ(order.seen[0], 0);
	CHECK_EQ(order.seen[1], 1);
	bench_end(&b);
	free(futures);
}

/* Returns once both of a pair have arrived. */
static void *meet(void *bench)
{
	struct bench *b = bench;
	unsigned pair = atomic_fetch_add(&b->started, 1) / 2 * 2 + 2;

	SHORTLY(atomic_load(&b->started) >= pair);
	return NULL;
}

LAW(executor, runs_in_parallel,
    "with 2 workers 2 tasks may wait for each other")
{
	struct bench b = bench_new(impl, 2, 1000);
	char *futures = futures_new(impl, 2);
	size_t stride = future_stride(impl);

	for (unsigned round = 0; round < b.rounds; round++) {
		if (round % 128 == 0)
			law_pause(); /* the workers fall asleep */
		CHECK_EQ(impl->submit(b.executor, futures, meet, &b), 0);
		CHECK_EQ(impl->submit(b.executor, futures + stride, meet, &b),
			 0);
		CHECK_EQ(impl->result(futures, DEADLINE_NEVER, NULL), 0);
		CHECK_EQ(impl->result(futures + stride, DEADLINE_NEVER, NULL),
			 0);
	}
	bench_end(&b);
	free(futures);
}

LAW(executor, map_runs_in_parallel, "the same for neighbours in a map")
{
	struct bench b = bench_new(impl, 2, 500);
	void *in[8], *out[8];

	for (size_t i = 0; i < 8; i++)
		in[i] = &b;
	for (unsigned round = 0; round < b.rounds; round++) {
		if (round % 128 == 0)
			law_pause();
		CHECK_EQ(impl->map(b.executor, meet, in, out, 8), 0);
	}
	bench_end(&b);
}

/* A tree of tasks: each node is counted and submits its two children. */
struct tree {
	struct bench *b;
	char *futures;
	unsigned node;
};

enum { TREE_NODES = 127 };

static void *grow(void *argument)
{
	struct tree *t = argument;
	struct bench *b = t->b;
	size_t stride = future_stride(b->impl);
	struct tree *root = t - t->node;

	atomic_fetch_add(&b->ran, 1);
	for (unsigned i = 2 * t->node + 1; i <= 2 * t->node + 2; i++)
		if (i < TREE_NODES)
			CHECK_EQ(b->impl->submit(b->executor,
						 t->futures + i * stride, grow,
						 &root[i]),
				 0);
	return t;
}

LAW(executor, task_may_submit, "a task may submit tasks, even with one worker")
{
	struct bench b = bench_new(impl, 1, 100);
	char *futures = futures_new(impl, TREE_NODES);
	size_t stride = future_stride(impl);
	struct tree tree[TREE_NODES];

	for (unsigned i = 0; i < TREE_NODES; i++)
		tree[i] = (struct tree){ &b, futures, i };
	for (unsigned round = 0; round < b.rounds; round++) {
		CHECK_EQ(impl->submit(b.executor, futures, grow, tree), 0);
		/* a parent's result: its children have been submitted */
		for (size_t i = 0; i < TREE_NODES; i++)
			CHECK_EQ(impl->result(futures + i * stride,
					      DEADLINE_NEVER, NULL),
				 0);
	}
	CHECK_EQ(b.ran, b.rounds * TREE_NODES);
	bench_end(&b);
	free(futures);
}

static void *delegate(void *bench)
{
	struct bench *b = bench;
	char *future = futures_new(b->impl, 1);
	void *value;

	CHECK_EQ(b->impl->submit(b->executor, future, add_one, (void *)41), 0);
	CHECK_EQ(b->impl->result(future, DEADLINE_NEVER, &value), 0);
	future_free(b->impl, future);
	return value;
}

LAW(executor, task_may_wait, "a task may wait for another if a worker is left")
{
	struct bench b = bench_new(impl, 2, 500);
	char *future = futures_new(impl, 1);
	void *value;

	for (unsigned round = 0; round < b.rounds; round++) {
		CHECK_EQ(impl->submit(b.executor, future, delegate, &b), 0);
		CHECK_EQ(impl->result(future, DEADLINE_NEVER, &value), 0);
		CHECK_EQ((uintptr_t)value, 42);
	}
	bench_end(&b);
	free(future);
}

LAW(executor, state_follows, "pending, running, done or cancelled")
{
	struct bench b = bench_new(impl, 1, 1);
	char *running = futures_new(impl, 1), *queued = futures_new(impl, 1);

	block_worker(&b, running);
	CHECK_EQ(impl->state(running), RUNNING);
	CHECK_EQ(impl->submit(b.executor, queued, increment, &b.ran), 0);
	CHECK_EQ(impl->state(queued), PENDING);
	/* marks that others leave do not show */
	CHECK_EQ(impl->result(running, SOON, NULL), SYNC_TIMEOUT);
	if (impl->on_done)
		CHECK_EQ(impl->on_done(running, count_call, &b), 0);
	CHECK_EQ(impl->state(running), RUNNING);
	CHECK_EQ(impl->result(queued, SOON, NULL), SYNC_TIMEOUT);
	if (impl->on_done)
		CHECK_EQ(impl->on_done(queued, count_call, &b), 0);
	CHECK_EQ(impl->state(queued), PENDING);
	CHECK_EQ(impl->cancel(queued), 0);
	CHECK_EQ(impl->state(queued), CANCELED);
	atomic_store(&b.open, true);
	CHECK_EQ(impl->result(running, DEADLINE_NEVER, NULL), 0);
	CHECK_EQ(impl->state(running), DONE);
	bench_end(&b);
	free(running);
	free(queued);
}

LAW(executor, cancel_only_if_not_started, "a task runs or is cancelled")
{
	struct bench b = bench_new(impl, 1, 1);
	char *running = futures_new(impl, 1), *queued = futures_new(impl, 1);
	void *value = &b;

	block_worker(&b, running);
	CHECK_EQ(impl->cancel(running), SYNC_BUSY);
	CHECK_EQ(impl->submit(b.executor, queued, increment, &b.ran), 0);
	CHECK_EQ(impl->cancel(queued), 0);
	CHECK_EQ(impl->cancel(queued), 0);
	CHECK_EQ(impl->result(queued, DEADLINE_NEVER, &value), SYNC_CANCELED);
	CHECK_EQ(impl->result(queued, 0, NULL), SYNC_CANCELED);
	CHECK(value == &b);
	atomic_store(&b.open, true);
	CHECK_EQ(impl->result(running, DEADLINE_NEVER, NULL), 0);
	CHECK_EQ(impl->cancel(running), SYNC_BUSY);
	impl->shutdown(b.executor, true, false);
	CHECK_EQ(b.ran, 0);
	bench_end(&b);
	free(running);
	free(queued);
}

LAW(executor, cancelled_future_is_reusable, "cancel gives the memory back")
{
	enum { FUTURES = 8 };
	struct bench b = bench_new(impl, 1, 100);
	char *futures = futures_new(impl, FUTURES + 1);
	size_t stride = future_stride(impl);

	for (unsigned round = 0; round < b.rounds; round++) {
		unsigned n = 1 + round % FUTURES;

		atomic_store(&b.open, false);
		atomic_store(&b.ran, 0);
		block_worker(&b, futures + FUTURES * stride);
		for (unsigned i = 0; i < n; i++)
			CHECK_EQ(impl->submit(b.executor, futures + i * stride,
					      increment, &b.ran),
				 0);
		/* first, last, middle or alone, then once more at the end */
		void *f = futures + round / FUTURES % n * stride;

		CHECK_EQ(impl->cancel(f), 0);
		future_poison(impl, f);
		if (round % 3) {
			CHECK_EQ(impl->submit(b.executor, f, increment, &b.ran),
				 0);
		}
		atomic_store(&b.open, true);
		for (unsigned i = 0; i < n; i++)
			if (round % 3 || futures + i * stride != f)
				CHECK_EQ(impl->result(futures + i * stride,
						      DEADLINE_NEVER, NULL),
					 0);
		CHECK_EQ(impl->result(futures + FUTURES * stride,
				      DEADLINE_NEVER, NULL),
			 0);
		CHECK_EQ(b.ran, n - (round % 3 == 0));
	}
	bench_end(&b);
	free(futures);
}

static void submit_and_cancel(void *shared, unsigned index)
{
	enum { FUTURES = 8 };
	struct bench *b = shared;
	const struct executor_impl *impl = b->impl;
	char *futures = futures_new(impl, FUTURES);
	size_t stride = future_stride(impl);

	for (unsigned round = 0; round < b->rounds; round++) {
		_Atomic unsigned ran[FUTURES] = { 0 };

		for (unsigned i = 0; i < FUTURES; i++)
			CHECK_EQ(impl->submit(b->executor, futures + i * stride,
					      increment, &ran[i]),
				 0);
		for (unsigned i = 0; i < FUTURES; i++) {
			unsigned k = (i * 3 + round + index) % FUTURES;
			void *f = futures + k * stride;
			int r = impl->cancel(f);

			if (r) {
				CHECK_EQ(r, SYNC_BUSY);
				CHECK_EQ(impl->result(f, DEADLINE_NEVER, NULL),
					 0);
			}
			/* it has run, or it never will */
			future_poison(impl, f);
			CHECK_EQ(atomic_load(&ran[k]), r ? 1 : 0);
		}
		if (round % 16 == 0)
			sched_yield();
		for (unsigned i = 0; i < FUTURES; i++)
			CHECK(atomic_load(&ran[i]) <= 1);
	}
	free(futures);
}

LAW(executor, cancel_races_start, "cancel says the truth while workers take")
{
	struct bench b = bench_new(impl, 2, 800);

	law_crew(3, submit_and_cancel, &b);
	bench_end(&b);
}

static void time_out(void *shared, unsigned index)
{
	struct bench *b = shared;
	uint64_t deadline = SOON;

	(void)index;
	CHECK_EQ(b->impl->result(b->future, deadline, NULL), SYNC_TIMEOUT);
	CHECK(now_ns() >= deadline);
	CHECK_EQ(b->impl->result(b->future, 0, NULL), SYNC_TIMEOUT);
}

LAW(executor, timed_times_out, "an unfinished task times out, not too early")
{
	struct bench b = bench_new(impl, 1, 1);
	char *queued = futures_new(impl, 1), *running = futures_new(impl, 1);
	void *value = NULL;

	block_worker(&b, running);
	CHECK_EQ(impl->submit(b.executor, queued, add_one, NULL), 0);
	b.future = running;
	law_crew(3, time_out, &b);
	b.future = queued;
	law_crew(3, time_out, &b);
	atomic_store(&b.open, true);
	/* and a done one is taken, however late */
	CHECK_EQ(impl->result(queued, DEADLINE_NEVER, NULL), 0);
	CHECK_EQ(impl->result(queued, 0, &value), 0);
	CHECK_EQ((uintptr_t)value, 1);
	CHECK_EQ(impl->result(running, 0, NULL), 0);
	bench_end(&b);
	free(queued);
	free(running);
}

static void *linger(void *ns)
{
	uint64_t end = deadline_in((uintptr_t)ns);

	while (!deadline_passed(end))
		sched_yield();
	return ns;
}

static void give_up_or_take(void *shared, unsigned index)
{
	struct bench *b = shared;
	char *future = futures_new(b->impl, 1);
	void *value;

	for (unsigned i = 0; i < b->rounds; i++) {
		uintptr_t ns = (i * 7 + index * 13) % 30 * NS_PER_US;
		int r;

		CHECK_EQ(b->impl->submit(b->executor, future, linger,
					 (void *)ns),
			 0);
		r = b->impl->result(future, deadline_in(20 * NS_PER_US),
				    &value);
		CHECK(r == SYNC_OK || r == SYNC_TIMEOUT);
		if (r)
			CHECK_EQ(b->impl->result(future, DEADLINE_NEVER,
						 &value),
				 0);
		CHECK_EQ((uintptr_t)value, ns);
		future_poison(b->impl, future);
	}
	free(future);
}

LAW(executor, timeout_races_done, "giving up breaks nothing for a later wait")
{
	struct bench b = bench_new(impl, 2, 1000);

	law_crew(3, give_up_or_take, &b);
	bench_end(&b);
}

static void wait_for_result(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *value;

	CHECK_EQ(b->impl->result(b->future, law_far_deadline(index), &value),
		 0);
	CHECK(value == b);
}

LAW(executor, wakes_all_waiters, "any number of threads wait for one future")
{
	struct bench b = bench_new(impl, 1, 30);

	b.future = futures_new(impl, 1);
	for (unsigned round = 0; round < b.rounds; round++) {
		struct crew *c;

		atomic_store(&b.open, false);
		CHECK_EQ(impl->submit(b.executor, b.future, wait_at_gate, &b),
			 0);
		c = crew_start(6, wait_for_result, &b);
		if (round % 4)
			law_pause(); /* they fall asleep */
		atomic_store(&b.open, true);
		crew_join(c);
		future_poison(impl, b.future);
	}
	bench_end(&b);
	free(b.future);
}

/* Turns that several threads take at the same time. */
struct turns {
	struct bench *b;
	_Atomic unsigned begun, done; /* [A] release, [B] acquire */
};

static void begin_turn(struct turns *t)
{
	/* [A]: what was prepared for it */
	atomic_fetch_add_explicit(&t->begun, 1, memory_order_release);
}

static void await_turn(struct turns *t, unsigned turn)
{
	/* [B] */
	SHORTLY(atomic_load_explicit(&t->begun, memory_order_acquire) > turn);
}

static void end_turn(struct turns *t)
{
	atomic_fetch_add_explicit(&t->done, 1, memory_order_release);
}

static void await_ends(struct turns *t, unsigned ends)
{
	SHORTLY(atomic_load_explicit(&t->done, memory_order_acquire) == ends);
}

static void wait_or_give_up(void *shared, unsigned index)
{
	struct turns *t = shared;
	struct bench *b = t->b;

	for (unsigned i = 0; i < b->rounds; i++) {
		int r;

		await_turn(t, i);
		if (index == 0) {
			CHECK_EQ(b->impl->result(b->future, DEADLINE_NEVER,
						 NULL),
				 0);
		} else {
			r = b->impl->result(b->future,
					    deadline_in(40 * NS_PER_US), NULL);
			CHECK(r == SYNC_OK || r == SYNC_TIMEOUT);
		}
		end_turn(t);
	}
}

LAW(executor, some_give_up, "who gives up keeps no wake-up from the others")
{
	enum { WAITERS = 3 };
	struct bench b = bench_new(impl, 1, 2000);
	struct turns t = { .b = &b };
	struct crew *c;

	b.future = futures_new(impl, 1);
	c = crew_start(WAITERS, wait_or_give_up, &t);
	for (unsigned i = 0; i < b.rounds; i++) {
		/* it is done about when they give up */
		CHECK_EQ(impl->submit(
				 b.executor, b.future, linger,
				 (void *)(uintptr_t)(i * 7 % 80 * NS_PER_US)),
			 0);
		begin_turn(&t);
		await_ends(&t, (i + 1) * WAITERS);
		future_poison(impl, b.future);
	}
	crew_join(c);
	bench_end(&b);
	free(b.future);
}

LAW(executor, callback_once, "one callback a future; it runs once")
{
	struct bench b = bench_new(impl, 2, 3000);
	char *future = futures_new(impl, 1);

	NEEDS(on_done);
	for (unsigned round = 0; round < b.rounds; round++) {
		unsigned before = atomic_load(&b.called);

		CHECK_EQ(impl->submit(b.executor, future, increment, &b.ran),
			 0);
		for (unsigned i = round % 64; i; i--)
			cpu_relax(); /* meet the task at any point of its way */
		CHECK_EQ(impl->on_done(future, count_call, &b), 0);
		CHECK_EQ(impl->on_done(future, count_call, &b), SYNC_INVALID);
		CHECK_EQ(impl->result(future, DEADLINE_NEVER, NULL), 0);
		CHECK_EQ(impl->on_done(future, count_call, &b), SYNC_INVALID);
		CHECK_EQ(atomic_load(&b.called), before + 1);
		future_poison(impl, future);
	}
	bench_end(&b);
	CHECK_EQ(b.called, b.rounds);
	free(future);
}

static void rival_callbacks(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	if (b->impl->on_done(b->future, count_call, b) == SYNC_OK)
		atomic_fetch_add(&b->started, 1);
}

LAW(executor, callback_has_one_winner, "of several on_done calls one succeeds")
{
	struct bench b = bench_new(impl, 1, 100);

	NEEDS(on_done);
	b.future = futures_new(impl, 1);
	for (unsigned round = 1; round <= b.rounds; round++) {
		struct crew *c;

		CHECK_EQ(impl->submit(b.executor, b.future, linger,
				      (void *)(uintptr_t)(round % 8 * 20000)),
			 0);
		c = crew_start(3, rival_callbacks, &b);
		CHECK_EQ(impl->result(b.future, DEADLINE_NEVER, NULL), 0);
		crew_join(c);
		CHECK_EQ(impl->result(b.future, DEADLINE_NEVER, NULL), 0);
		CHECK_EQ(b.called, round);
		CHECK_EQ(b.started, round);
	}
	bench_end(&b);
	free(b.future);
}

/* Writes plainly, and late, what a waiter must see when result returns. */
static void call_slowly(void *bench)
{
	struct bench *b = bench;

	law_pause();
	b->plain++;
}

static void wait_for_callback(void *shared, unsigned index)
{
	struct bench *b = shared;
	int r = index < 2 ? b->impl->result(b->future, DEADLINE_NEVER, NULL)
			  : b->impl->result(b->future, SOON, NULL);

	if (r == SYNC_OK)
		CHECK_EQ(b->plain, 1);
	else
		CHECK_EQ(r, SYNC_TIMEOUT);
	CHECK_EQ(b->impl->result(b->future, DEADLINE_NEVER, NULL), 0);
	CHECK_EQ(b->plain, 1);
}

LAW(executor, callback_before_result, "result waits for the callback's end")
{
	struct bench b = bench_new(impl, 1, 24);

	NEEDS(on_done);
	b.future = futures_new(impl, 1);
	for (unsigned round = 0; round < b.rounds; round++) {
		struct crew *c;

		b.plain = 0;
		atomic_store(&b.open, false);
		block_worker(&b, b.future);
		CHECK_EQ(impl->on_done(b.future, call_slowly, &b), 0);
		if (round % 2)
			atomic_store(&b.open, true);
		c = crew_start(3, wait_for_callback, &b);
		atomic_store(&b.open, true);
		crew_join(c);
		future_poison(impl, b.future);
	}
	bench_end(&b);
	free(b.future);
}

/* Who ran it, and what result says in it. */
struct witness {
	const struct executor_impl *impl;
	void *future, *executor;
	pthread_t thread;
	int result;
	void *value;
	_Atomic unsigned calls;
};

static void be_witness(void *argument)
{
	struct witness *w = argument;

	w->thread = pthread_self();
	w->result = w->impl->result(w->future, 0, &w->value);
	atomic_fetch_add(&w->calls, 1);
}

LAW(executor, callback_may_ask_result, "the callback itself gets the result")
{
	struct bench b = bench_new(impl, 1, 1);
	struct witness w = { .impl = impl, .future = futures_new(impl, 1) };

	NEEDS(on_done);
	block_worker(&b, w.future);
	CHECK_EQ(impl->on_done(w.future, be_witness, &w), 0);
	CHECK_EQ(w.calls, 0);
	atomic_store(&b.open, true);
	CHECK_EQ(impl->result(w.future, DEADLINE_NEVER, NULL), 0);
	CHECK_EQ(w.calls, 1);
	CHECK_EQ(w.result, 0);
	CHECK(w.value == &b);
	/* by the worker, which has made it so */
	CHECK(!pthread_equal(w.thread, pthread_self()));
	bench_end(&b);
	free(w.future);
}

LAW(executor, callback_on_done_future, "too late: the caller runs it at once")
{
	struct bench b = bench_new(impl, 1, 1);
	struct witness w = { .impl = impl, .future = futures_new(impl, 1) };

	NEEDS(on_done);
	CHECK_EQ(impl->submit(b.executor, w.future, add_one, NULL), 0);
	CHECK_EQ(impl->result(w.future, DEADLINE_NEVER, NULL), 0);
	CHECK_EQ(impl->on_done(w.future, be_witness, &w), 0);
	CHECK_EQ(w.calls, 1);
	CHECK(pthread_equal(w.thread, pthread_self()));
	CHECK_EQ(w.result, 0);
	CHECK_EQ((uintptr_t)w.value, 1);
	CHECK_EQ(impl->on_done(w.future, be_witness, &w), SYNC_INVALID);
	CHECK_EQ(w.calls, 1);
	bench_end(&b);
	free(w.future);
}

LAW(executor, callback_on_cancel, "whoever cancels runs the callback")
{
	struct bench b = bench_new(impl, 1, 1);
	struct witness w[3];
	char *running = futures_new(impl, 1);

	NEEDS(on_done);
	block_worker(&b, running);
	for (unsigned i = 0; i < 3; i++) {
		w[i] = (struct witness){ .impl = impl,
					 .future = futures_new(impl, 1) };
		CHECK_EQ(impl->submit(b.executor, w[i].future, increment,
				      &b.ran),
			 0);
		if (i < 2)
			CHECK_EQ(impl->on_done(w[i].future, be_witness, &w[i]),
				 0);
	}
	CHECK_EQ(impl->cancel(w[0].future), 0);
	CHECK_EQ(w[0].calls, 1);
	CHECK_EQ(w[1].calls, 0);
	impl->shutdown(b.executor, false, true);
	CHECK_EQ(w[1].calls, 1);
	/* too late: at once */
	CHECK_EQ(impl->on_done(w[2].future, be_witness, &w[2]), 0);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(w[i].calls, 1);
		CHECK(pthread_equal(w[i].thread, pthread_self()));
		CHECK_EQ(w[i].result, SYNC_CANCELED);
		CHECK_EQ(impl->result(w[i].future, 0, NULL), SYNC_CANCELED);
		future_free(impl, w[i].future);
	}
	CHECK_EQ(b.ran, 0);
	atomic_store(&b.open, true);
	bench_end(&b);
	free(running);
}

static void add_callbacks(void *shared, unsigned index)
{
	struct turns *t = shared;
	struct bench *b = t->b;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		await_turn(t, i);
		CHECK_EQ(b->impl->on_done(b->future, count_call, b), 0);
		end_turn(t);
	}
}

LAW(executor, callback_beside_cancel, "runs once, whichever comes first")
{
	struct bench b = bench_new(impl, 1, 2000);
	struct turns t = { .b = &b };
	char *running = futures_new(impl, 1);
	struct crew *c;

	NEEDS(on_done);
	b.future = futures_new(impl, 1);
	block_worker(&b, running);
	c = crew_start(1, add_callbacks, &t);
	for (unsigned i = 0; i < b.rounds; i++) {
		CHECK_EQ(impl->submit(b.executor, b.future, increment, &b.ran),
			 0);
		begin_turn(&t);
		for (unsigned n = i % 64; n; n--)
			cpu_relax();
		CHECK_EQ(impl->cancel(b.future), 0);
		await_ends(&t, i + 1);
		CHECK_EQ(impl->result(b.future, DEADLINE_NEVER, NULL),
			 SYNC_CANCELED);
		CHECK_EQ(atomic_load(&b.called), i + 1);
		future_poison(impl, b.future);
	}
	crew_join(c);
	atomic_store(&b.open, true);
	bench_end(&b);
	CHECK_EQ(b.ran, 0);
	free(b.future);
	free(running);
}

static void free_future(void *argument)
{
	struct witness *w = argument;

	future_free(w->impl, w->future);
	atomic_fetch_add(&w->calls, 1);
}

LAW(executor, callback_may_free, "the callback may free its future")
{
	struct bench b = bench_new(impl, 2, 2000);
	struct witness w = { .impl = impl };

	NEEDS(on_done);
	for (unsigned round = 0; round < b.rounds; round++) {
		w.future = futures_new(impl, 1);
		CHECK_EQ(impl->submit(b.executor, w.future, increment, &b.ran),
			 0);
		CHECK_EQ(impl->on_done(w.future, free_future, &w), 0);
		SHORTLY(atomic_load(&w.calls) == round + 1);
	}
	bench_end(&b);
	CHECK_EQ(b.ran, b.rounds);
}

static void submit_again(void *argument)
{
	struct witness *w = argument;

	future_poison(w->impl, w->future);
	if (atomic_fetch_add(&w->calls, 1) < 100) {
		CHECK_EQ(w->impl->submit(w->executor, w->future, increment,
					 &w->calls),
			 0);
		CHECK_EQ(w->impl->on_done(w->future, submit_again, w), 0);
	}
}

LAW(executor, callback_may_submit, "the callback may submit its future anew")
{
	struct bench b = bench_new(impl, 1, 1);
	struct witness w = { .impl = impl,
			     .executor = b.executor,
			     .future = futures_new(impl, 1) };

	NEEDS(on_done);
	CHECK_EQ(impl->submit(b.executor, w.future, increment, &b.ran), 0);
	CHECK_EQ(impl->on_done(w.future, submit_again, &w), 0);
	/* each turn is counted by the task and by the callback */
	EVENTUALLY(atomic_load(&w.calls) == 101);
	bench_end(&b);
	free(w.future);
}

LAW(executor, shutdown_runs_queued, "without cancelling, all tasks run")
{
	enum { FUTURES = 50 };
	size_t stride = future_stride(impl);

	for (unsigned round = 0; round < law_rounds(100); round++) {
		struct bench b = bench_new(impl, 1 + round % 3, 1);
		char *futures = futures_new(impl, FUTURES);

		for (size_t i = 0; i < FUTURES; i++)
			CHECK_EQ(impl->submit(b.executor, futures + i * stride,
					      increment, &b.ran),
				 0);
		impl->shutdown(b.executor, round % 2, false);
		if (round % 2)
			CHECK_EQ(b.ran, FUTURES);
		else
			for (size_t i = 0; i < FUTURES; i++)
				CHECK_EQ(impl->result(futures + i * stride,
						      DEADLINE_NEVER, NULL),
					 0);
		bench_end(&b);
		CHECK_EQ(b.ran, FUTURES);
		free(futures);
	}
}

static void map_until_closed(void *shared, unsigned index)
{
	enum { ITEMS = 10 };
	struct bench *b = shared;
	void *in[ITEMS], *out[ITEMS];

	(void)index;
	for (size_t i = 0; i < ITEMS; i++)
		in[i] = &b->ran;
	CHECK_EQ(b->impl->map(b->executor, increment, in, out, ITEMS),
		 SYNC_CLOSED);
}

LAW(executor, shutdown_cancels_pending, "what has not started never runs")
{
	enum { FUTURES = 20 };
	struct bench b = bench_new(impl, 2, 1);
	char *futures = futures_new(impl, FUTURES + 2);
	size_t stride = future_stride(impl);
	struct crew *c;

	for (size_t i = 0; i < 2; i++)
		block_worker(&b, futures + (FUTURES + i) * stride);
	for (size_t i = 0; i < FUTURES; i++)
		CHECK_EQ(impl->submit(b.executor, futures + i * stride,
				      increment, &b.ran),
			 0);
	c = crew_start(2, map_until_closed, &b);
	law_pause();
	impl->shutdown(b.executor, false, true);
	crew_join(c);
	for (size_t i = 0; i < FUTURES; i++) {
		CHECK_EQ(impl->state(futures + i * stride), CANCELED);
		CHECK_EQ(impl->result(futures + i * stride, 0, NULL),
			 SYNC_CANCELED);
		future_poison(impl, futures + i * stride);
	}
	/* the running ones go on */
	CHECK_EQ(impl->state(futures + FUTURES * stride), RUNNING);
	atomic_store(&b.open, true);
	impl->shutdown(b.executor, true, false);
	CHECK_EQ(impl->result(futures + FUTURES * stride, 0, NULL), 0);
	CHECK_EQ(impl->result(futures + (FUTURES + 1) * stride, 0, NULL), 0);
	CHECK_EQ(b.ran, 0);
	bench_end(&b);
	free(futures);
}

/* An item of a map: nothing of it happens once the gate is open. One of the
 * first shuts the executor down, while later ones may still be on their way. */
static void *run_in_time(void *bench)
{
	struct bench *b = bench;

	CHECK(!atomic_load(&b->open));
	if (atomic_fetch_add(&b->started, 1) == b->rounds % 8)
		b->impl->shutdown(b->executor, false, b->rounds % 3 == 0);
	sched_yield();
	CHECK(!atomic_load(&b->open));
	return b;
}

LAW(executor, map_ends_before_it_returns, "also one that a shutdown ends")
{
	enum { ITEMS = 1000 };

	for (unsigned round = 0; round < law_rounds(50); round++) {
		struct bench b = bench_new(impl, 2, 1);
		void **items = malloc(ITEMS * sizeof(*items));
		int r;

		CHECK(items != NULL);
		for (size_t i = 0; i < ITEMS; i++)
			items[i] = &b;
		b.rounds = round;
		r = impl->map(b.executor, run_in_time, items, items, ITEMS);
		CHECK(r == SYNC_OK || r == SYNC_CLOSED);
		CHECK(r == SYNC_CLOSED || b.started == ITEMS);
		atomic_store(&b.open, true);
		free(items);
		bench_end(&b);
	}
}

static void open_gate(void *bench)
{
	struct bench *b = bench;

	atomic_store(&b->open, true);
	for (int ms = 0; ms < 20; ms++)
		law_pause(); /* the worker is free, most of the time */
}

LAW(executor, shutdown_cancels_at_once, "workers start nothing in the meantime")
{
	struct bench b = bench_new(impl, 1, 1);
	char *futures = futures_new(impl, 3);
	size_t stride = future_stride(impl);

	NEEDS(on_done);
	block_worker(&b, futures);
	for (size_t i = 1; i < 3; i++)
		CHECK_EQ(impl->submit(b.executor, futures + i * stride,
				      increment, &b.ran),
			 0);
	CHECK_EQ(impl->on_done(futures + stride, open_gate, &b), 0);
	CHECK_EQ(impl->on_done(futures + 2 * stride, open_gate, &b), 0);
	impl->shutdown(b.executor, true, true);
	CHECK_EQ(b.ran, 0);
	bench_end(&b);
	free(futures);
}

static void shut_down_and_wait(void *shared, unsigned index)
{
	struct bench *b = shared;

	b->impl->shutdown(b->executor, true, index == 1);
	CHECK(atomic_load(&b->open)); /* a task has waited for that */
}

LAW(executor, shutdowns_all_wait,
    "each that is to wait does, not just the first")
{
	struct bench b = bench_new(impl, 2, 1);
	char *future = futures_new(impl, 1);
	struct crew *c;

	block_worker(&b, future);
	c = crew_start(3, shut_down_and_wait, &b);
	for (int ms = 0; ms < 20; ms++)
		law_pause();
	atomic_store(&b.open, true);
	crew_join(c);
	bench_end(&b);
	free(future);
}

/* A task that shuts its own executor down. */
static void *shut_down(void *bench)
{
	struct bench *b = bench;

	b->impl->shutdown(b->executor, false, false);
	return NULL;
}

static void shut_down_somehow(void *shared, unsigned index)
{
	struct bench *b = shared;

	b->impl->shutdown(b->executor, index != 1, index == 2);
	if (index != 1) {
		/* all is over for everybody who has waited */
		unsigned ran = atomic_load(&b->ran);

		law_pause();
		CHECK_EQ(atomic_load(&b->ran), ran);
	}
}

LAW(executor, shutdown_twice, "any number of shutdowns, also at a time")
{
	for (unsigned round = 0; round < law_rounds(50); round++) {
		struct bench b = bench_new(impl, 2, 1);
		char *futures = futures_new(impl, 11);
		size_t stride = future_stride(impl);
		unsigned canceled = 0;

		for (size_t i = 0; i < 10; i++)
			CHECK_EQ(impl->submit(b.executor, futures + i * stride,
					      increment, &b.ran),
				 0);
		if (round % 2)
			CHECK_EQ(impl->submit(b.executor, futures + 10 * stride,
					      shut_down, &b),
				 0);
		law_crew(4, shut_down_somehow, &b);
		impl->shutdown(b.executor, false, false);
		impl->shutdown(b.executor, true, true);
		for (size_t i = 0; i < 10; i++)
			canceled += impl->result(futures + i * stride, 0,
						 NULL) == SYNC_CANCELED;
		CHECK_EQ(b.ran + canceled, 10);
		bench_end(&b);
		free(futures);
	}
}

static void *submit_too_late(void *bench)
{
	struct bench *b = bench;
	char *future = futures_new(b->impl, 1);

	wait_at_gate(b);
	/* a shutdown waits for this task */
	CHECK_EQ(b->impl->submit(b->executor, future, increment, &b->ran),
		 SYNC_CLOSED);
	future_free(b->impl, future);
	return b;
}

LAW(executor, submit_after_shutdown_refused, "and leaves the future alone")
{
	struct bench b = bench_new(impl, 1, 1), other = bench_new(impl, 1, 1);
	char *inner = futures_new(impl, 1), *future = futures_new(impl, 1);
	void *items[2] = { &b.ran, &b.ran };

	CHECK_EQ(impl->submit(b.executor, inner, submit_too_late, &b), 0);
	EVENTUALLY(atomic_load(&b.started) == 1);
	impl->shutdown(b.executor, false, false);
	CHECK_EQ(impl->submit(b.executor, future, increment, &b.ran),
		 SYNC_CLOSED);
	CHECK_EQ(impl->map(b.executor, increment, items, items, 2),
		 SYNC_CLOSED);
	/* the refused future is free for another */
	CHECK_EQ(impl->submit(other.executor, future, increment, &other.ran),
		 0);
	CHECK_EQ(impl->result(future, DEADLINE_NEVER, NULL), 0);
	atomic_store(&b.open, true);
	impl->shutdown(b.executor, true, false);
	CHECK_EQ(impl->submit(b.executor, future, increment, &b.ran),
		 SYNC_CLOSED);
	CHECK_EQ(b.ran, 0);
	CHECK_EQ(other.ran, 1);
	bench_end(&b);
	bench_end(&other);
	free(inner);
	free(future);
}

static void submit_until_closed(void *shared, unsigned index)
{
	struct bench *b = shared;
	char *future = futures_new(b->impl, 1);
	unsigned accepted = 0;

	(void)index;
	while (b->impl->submit(b->executor, future, increment, &b->ran) == 0) {
		/* a task that was accepted and lost would hang this */
		CHECK_EQ(b->impl->result(future, DEADLINE_NEVER, NULL), 0);
		accepted++;
		atomic_fetch_add(&b->started, 1);
	}
	atomic_fetch_add(&b->called, accepted);
	future_free(b->impl, future);
}

LAW(executor, shutdown_races_submit, "an accepted task runs, or is refused")
{
	for (unsigned round = 0; round < law_rounds(200); round++) {
		struct bench b = bench_new(impl, 1 + round % 2, 1);
		struct crew *c = crew_start(2, submit_until_closed, &b);

		SHORTLY(atomic_load(&b.started) >= round % 50);
		impl->shutdown(b.executor, round % 3 == 0, false);
		crew_join(c);
		bench_end(&b);
		CHECK_EQ(b.ran, b.called);
	}
}

LAW(executor, destroy_shuts_down, "tasks run first, and futures outlive it")
{
	enum { FUTURES = 20 };
	size_t stride = future_stride(impl);

	for (unsigned round = 0; round < law_rounds(50); round++) {
		struct bench b = bench_new(impl, 2, 1);
		char *futures = futures_new(impl, FUTURES);
		void *value;

		for (uintptr_t i = 0; i < FUTURES; i++)
			CHECK_EQ(impl->submit(b.executor, futures + i * stride,
					      add_one, (void *)i),
				 0);
		if (impl->on_done)
			CHECK_EQ(impl->on_done(futures, count_call, &b), 0);
		bench_end(&b);
		for (uintptr_t i = 0; i < FUTURES; i++) {
			void *f = futures + i * stride;

			CHECK_EQ(impl->state(f), DONE);
			CHECK_EQ(impl->result(f, 0, &value), 0);
			CHECK_EQ((uintptr_t)value, i + 1);
			CHECK_EQ(impl->cancel(f), SYNC_BUSY);
			if (impl->on_done)
				CHECK_EQ(impl->on_done(f, count_call, &b),
					 i ? 0 : SYNC_INVALID);
		}
		CHECK_EQ(b.called, impl->on_done ? FUTURES : 0);
		free(futures);
	}
}

static void wait_beside_destroy(void *shared, unsigned index)
{
	struct bench *b = shared;

	CHECK_EQ(b->impl->result(b->future, law_far_deadline(index), NULL), 0);
}

LAW(executor, waiters_outlive_it, "who waits for a future needs no executor")
{
	enum { FUTURES = 8 };
	size_t stride = future_stride(impl);
	char *futures = futures_new(impl, FUTURES);

	for (unsigned round = 0; round < law_rounds(200); round++) {
		uintptr_t ns = round % 16 * 2 * NS_PER_US;
		struct bench b = bench_new(impl, 1, 1);
		struct crew *c;

		/* all wait for the last; the others' ends may wake them */
		for (size_t i = 0; i < FUTURES; i++)
			CHECK_EQ(impl->submit(b.executor, futures + i * stride,
					      linger, (void *)ns),
				 0);
		b.future = futures + (FUTURES - 1) * stride;
		c = crew_start(3, wait_beside_destroy, &b);
		bench_end(&b);
		crew_join(c);
	}
	free(futures);
}

static void submit_one(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	CHECK_EQ(b->impl->submit(b->executor, b->future, increment, &b->ran),
		 0);
}

LAW(executor, destroyed_once_seen, "by who sees the task of the last submit")
{
	for (unsigned round = 0; round < law_rounds(200); round++) {
		struct bench b = bench_new(impl, 1, 1);
		struct crew *c;

		b.future = futures_new(impl, 1);
		c = crew_start(1, submit_one, &b);
		SHORTLY(atomic_load(&b.ran) == 1);
		bench_end(&b);
		crew_join(c);
		free(b.future);
	}
}

static void submit_and_free(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		char *future = futures_new(b->impl, 1);

		CHECK_EQ(b->impl->submit(b->executor, future, increment,
					 &b->ran),
			 0);
		if (b->impl->on_done && i % 4 == 0)
			CHECK_EQ(b->impl->on_done(future, count_call, b), 0);
		CHECK_EQ(b->impl->result(future, DEADLINE_NEVER, NULL), 0);
		future_free(b->impl, future);
	}
}

LAW(executor, future_freed_after_result, "the memory is the caller's at once")
{
	struct bench b = bench_new(impl, 2, 2000);

	law_crew(3, submit_and_free, &b);
	CHECK_EQ(b.ran, 3 * b.rounds);
	CHECK_EQ(b.called, impl->on_done ? 3 * ((b.rounds + 3) / 4) : 0);
	bench_end(&b);
}

static void *step(void *bench)
{
	struct bench *b = bench;

	/* plain, so that ThreadSanitizer sees a missing edge */
	b->plain = b->plain * 3 + 1;
	return NULL;
}

LAW(executor, publishes, "submit, task, result: each sees what came before")
{
	struct bench b = bench_new(impl, 2, 3000);
	char *future = futures_new(impl, 1);
	uint64_t expected = 0;
	void *items[1] = { &b }, *out[1];

	for (unsigned round = 0; round < b.rounds; round++) {
		b.plain++;
		CHECK_EQ(impl->submit(b.executor, future, step, &b), 0);
		/* by whichever way one learns that it is done */
		if (round % 3 == 0)
			SHORTLY(impl->state(future) == DONE);
		else if (round % 3 == 1)
			CHECK_EQ(impl->result(future, DEADLINE_NEVER, NULL), 0);
		else
			SHORTLY(!impl->result(future, 0, NULL));
		expected = (expected + 1) * 3 + 1;
		CHECK(b.plain == expected);
		CHECK_EQ(impl->map(b.executor, step, items, out, 1), 0);
		expected = expected * 3 + 1;
		CHECK(b.plain == expected);
	}
	bench_end(&b);
	free(future);
}

LAW(executor, no_lost_wakeup, "an idle worker wakes for a task, and its waiter")
{
	struct bench b = bench_new(impl, 3, 1000);
	char *futures = futures_new(impl, 4);
	size_t stride = future_stride(impl);

	for (unsigned round = 0; round < b.rounds; round++) {
		size_t n = 1 + round % 4;

		/* find the workers deep asleep, on the way there, or awake */
		if (round % 16 == 0)
			law_pause();
		else
			linger((void *)(uintptr_t)(round % 5 * 4000));
		for (size_t i = 0; i < n; i++)
			CHECK_EQ(impl->submit(b.executor, futures + i * stride,
					      increment, &b.ran),
				 0);
		for (size_t i = 0; i < n; i++)
			CHECK_EQ(impl->result(futures + i * stride,
					      DEADLINE_NEVER, NULL),
				 0);
	}
	bench_end(&b);
	free(futures);
}

LAW(executor, no_stranded_task,
    "a task that comes as the worker goes idle runs")
{
	struct bench b = bench_new(impl, 1, 5000);
	char *futures = futures_new(impl, 2);
	size_t stride = future_stride(impl);

	for (unsigned round = 0; round < b.rounds; round++) {
		void *f = futures + round % 2 * stride;

		if (round >= 2)
			CHECK_EQ(impl->result(f, DEADLINE_NEVER, NULL), 0);
		CHECK_EQ(impl->submit(b.executor, f, increment, &b.ran), 0);
		/* not result: the next comes while this one still ends */
		SHORTLY(atomic_load(&b.ran) == round + 1);
		/* meet the worker at any point of its way to sleep */
		for (unsigned n = round % 64; n; n--)
			cpu_relax();
	}
	bench_end(&b);
	free(futures);
}

LAW(executor, comes_after_idling, "a task runs, however long none has come")
{
	struct bench b = bench_new(impl, 1, 400);
	char *future = futures_new(impl, 1);

	/* about as long as idle workers may stay, where they do not for ever */
	for (unsigned round = 0; round < b.rounds; round++) {
		linger((void *)(uintptr_t)(round * 37 % 400 * NS_PER_US));
		CHECK_EQ(impl->submit(b.executor, future, increment, &b.ran),
			 0);
		CHECK_EQ(impl->result(future, DEADLINE_NEVER, NULL), 0);
	}
	bench_end(&b);
	free(future);
}

static void submit_many(void *shared, unsigned index)
{
	enum { FUTURES = 16 };
	struct bench *b = shared;
	char *futures = futures_new(b->impl, FUTURES);
	size_t stride = future_stride(b->impl);
	void *value;

	for (uintptr_t round = 0; round < b->rounds; round++) {
		for (size_t i = 0; i < FUTURES; i++)
			CHECK_EQ(b->impl->submit(b->executor,
						 futures + i * stride, add_one,
						 (void *)(round + i + index)),
				 0);
		for (size_t i = 0; i < FUTURES; i++) {
			CHECK_EQ(b->impl->result(futures + i * stride,
						 DEADLINE_NEVER, &value),
				 0);
			CHECK_EQ((uintptr_t)value, round + i + index + 1);
		}
	}
	free(futures);
}

LAW(executor, survives_oversubscription, "8 submitters and 16 workers finish")
{
	struct bench b = bench_new(impl, 16, 200);

	law_crew(8, submit_many, &b);
	bench_end(&b);
}

LAW(executor, no_workers_refused, "an executor needs a worker")
{
	void *executor = law_object(&impl->id);

	CHECK_EQ(impl->init(executor, 0), SYNC_INVALID);
	CHECK_EQ(impl->init(executor, 1), 0);
	impl->destroy(executor);
	free(executor);
}

static int init_and_run(void *shared)
{
	struct bench *b = shared;
	void *items[8] = { 0 };
	int r = b->impl->init(b->executor, 3);

	if (r)
		return r;
	r = b->impl->map(b->executor, add_one, items, items, 8);
	for (size_t i = 0; i < 8 && r == 0; i++)
		CHECK_EQ((uintptr_t)items[i], 1);
	b->impl->destroy(b->executor);
	return r;
}

LAW(executor, no_thread, "without room for all workers none is left behind")
{
	struct bench b = { .impl = impl, .executor = law_object(&impl->id) };

	law_without_threads(init_and_run, &b);
	CHECK_EQ(init_and_run(&b), 0);
	free(b.executor);
}

LAW(executor, no_memory, "init and map without memory say so, no more")
{
	struct bench b = { .impl = impl, .executor = law_object(&impl->id) };

	law_without_memory(init_and_run, &b);
	CHECK_EQ(init_and_run(&b), 0);
	free(b.executor);
}
