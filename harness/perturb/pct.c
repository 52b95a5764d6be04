/* SPDX-License-Identifier: MIT */
/*
 * PERTURB_PCT: of the threads that can run, the one with the highest priority
 * does. d - 1 of the steps lower their thread below all others; a bug that
 * needs d orderings of n threads' k steps shows with probability 1/(n k^(d-1)).
 *
 * Source: Burckhardt et al., ASPLOS 2010. Theirs takes turns; here threads are
 * the system's, so a thread with others before it waits as long as it sees them
 * move. A spinner does not move (steps.c), and whoever has waited too long
 * goes first from then on: that the others spin may be hard to see.
 */
#include <stdio.h>

#include "runtime.h"

static unsigned depth;
static _Atomic uint32_t top; /* the highest priority so far */

enum { DEEPEST = MAX_ACTS + 1, MIDDLE = 1 << 16 };

static const uint64_t quiet_ns = 100 * NS_PER_US, look_ns = 20 * NS_PER_US,
		      longest_ns = 2 * NS_PER_MS;

static void begin(const struct perturbation *p)
{
	uint64_t random = random_stream(p->seed, MAX_THREADS);

	depth = 2 + random_below(&random, DEEPEST - 1);
	atomic_store_explicit(&top, 2 * MIDDLE, memory_order_relaxed);
	targets_draw(&random, p, depth - 1);
}

static void prioritize(struct thread *t, uint32_t priority)
{
	atomic_store_explicit(&t->priority, priority, memory_order_relaxed);
}

static void thread(struct thread *t)
{
	prioritize(t, MIDDLE + random_below(&t->random, MIDDLE));
	targets_thread(t);
}

/* How far those before this one have come; *awake: can any of them run? */
static uint32_t progress(const struct thread *t, bool *awake)
{
	uint32_t own = atomic_load_explicit(&t->priority, memory_order_relaxed);
	uint32_t sum = 0, n = threads_known();

	*awake = false;
	for (uint32_t i = 0; i < n; i++) {
		const struct thread *other = &threads[i];
		uint8_t standing;

		if (atomic_load_explicit(&other->priority,
					 memory_order_relaxed) <= own)
			continue;
		sum += atomic_load_explicit(&other->moves,
					    memory_order_relaxed);
		standing = atomic_load_explicit(&other->standing,
						memory_order_relaxed);
		/* one that is held goes on before us */
		if (standing == RUNNING || standing == HELD)
			*awake = true;
	}
	return sum;
}

static void wait_for_turn(struct thread *t, uint32_t then)
{
	uint64_t start = now_ns(), since = start, now;
	uint32_t seen;
	bool awake;

	for (;;) {
		thread_sleep(t, look_ns);
		now = now_ns();
		seen = progress(t, &awake);
		if (seen != then)
			since = now;
		then = seen;
		if (!awake || now - since >= quiet_ns)
			break;
		if (now - start < longest_ns)
			continue;
		prioritize(t, 1 + atomic_fetch_add_explicit(
					  &top, 1, memory_order_relaxed));
		seen = progress(t, &awake);
		break;
	}
	t->seen = seen;
}

static void at(struct thread *t, const void *pc, enum point point)
{
	int change = target_reached(t, pc, point);
	uint32_t seen;
	bool awake;

	if (change >= 0) {
		prioritize(t, (uint32_t)(MAX_ACTS - change));
		t->seen = 0;
		thread_acted(t, pc);
	}
	seen = progress(t, &awake);
	if (seen != t->seen && awake && t->patience_ns > 0)
		wait_for_turn(t, seen);
	else
		t->seen = seen;
}

static void describe(char *text, size_t size)
{
	char points[80];

	targets_describe(points, sizeof(points));
	snprintf(text, size, " of depth %u, changes at%s", depth, points);
}

const struct strategy strategy_pct = { begin, thread, at, describe };
