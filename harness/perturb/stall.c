/* SPDX-License-Identifier: MIT */
/*
 * PERTURB_STALL: a thread stops right after one of its steps until the others
 * can do no more without it: they have ended, are blocked, or go round in
 * circles. There are a few such stops, since the rest of a trial costs more
 * than they do: of seeds that follow one another every other one stops at steps
 * (targets.c), the others at places of the code (places.c).
 */
#include <stdio.h>

#include "runtime.h"

/* A thread that makes no step for so long is held up by something that we do
 * not see. If all are known to wait, less is enough: one of them may be on its
 * way out of a call. */
static const uint64_t still_ns = 3 * NS_PER_MS, blocked_ns = NS_PER_MS / 2,
		      longest_ns = 20 * NS_PER_MS, look_ns = 100 * NS_PER_US;

/* How many, by the seed; 0: at places of the code. */
static const unsigned steps[] = { 2, 0, 4, 0 };

static void begin(const struct perturbation *p)
{
	uint64_t random = random_stream(p->seed, MAX_THREADS);

	targets_draw(&random, p, steps[p->seed % 4]);
}

/* How far the others have come; *awake: does any of them not wait? */
static uint32_t progress(const struct thread *t, bool *awake)
{
	uint32_t sum = 0;

	*awake = false;
	for (uint32_t i = 0; i < threads_known(); i++) {
		if (&threads[i] == t)
			continue;
		sum += atomic_load_explicit(&threads[i].moves,
					    memory_order_relaxed);
		if (atomic_load_explicit(&threads[i].standing,
					 memory_order_relaxed) == RUNNING)
			*awake = true;
	}
	return sum;
}

static void stop(struct thread *t)
{
	uint64_t start = now_ns(), since = start, now;
	uint32_t seen, then;
	bool awake;

	then = progress(t, &awake);
	do {
		thread_sleep(t, look_ns);
		now = now_ns();
		seen = progress(t, &awake);
		if (seen != then)
			since = now;
		then = seen;
	} while (now - start < longest_ns &&
		 now - since < (awake ? still_ns : blocked_ns));
}

static void at(struct thread *t, const void *pc, enum point point)
{
	if (target_reached(t, pc, point) < 0)
		return;
	thread_acted(t, pc);
	stop(t);
}

static void describe(char *text, size_t size)
{
	char points[80];

	targets_describe(points, sizeof(points));
	snprintf(text, size, " at%s", points);
}

const struct strategy strategy_stall = { begin, targets_thread, at, describe };
