/* SPDX-License-Identifier: MIT */
/*
 * PERTURB_RANDOM: now and then a thread yields, tarries or sleeps. How often
 * and how long is drawn for each trial: some have a few long sleeps, others
 * many short ones. In half of them weak compare-exchanges fail for no reason.
 */
#include <stdio.h>

#include "runtime.h"

static uint32_t one_in;	    /* points */
static uint32_t longest_us; /* sleep */
static uint32_t mix;	    /* of 8 acts, so many sleep */

/* So that the thread with most steps acts at all: log2. */
static uint32_t rarest(const struct perturb_size *size)
{
	enum { LEAST = 3, MOST = 7 };
	unsigned most = 0;

	for (unsigned i = 0; i < PERTURB_SIZES; i++)
		if (size->bits[i] > most)
			most = size->bits[i];
	if (!most || most > MOST)
		return MOST;
	return most > LEAST ? most - 1 : LEAST;
}

static void begin(const struct perturbation *p)
{
	uint64_t random = random_stream(p->seed, MAX_THREADS);

	one_in = 2U << random_below(&random, rarest(&p->size));
	/* rare ones may be long */
	longest_us = 50 + random_below(&random, one_in * 16);
	if (random_below(&random, 2))
		weak_fails_in = 2 + random_below(&random, 15);
	mix = 1 + random_below(&random, 7);
}

static void tarry(uint32_t turns)
{
	while (turns-- > 0)
		cpu_relax();
}

static void at(struct thread *t, const void *pc, enum point point)
{
	uint32_t kind;

	(void)point;
	if (random_below(&t->random, one_in) != 0)
		return;
	kind = random_below(&t->random, 8);
	thread_acted(t, pc);
	if (kind < mix && t->patience_ns > 0)
		thread_sleep(t, NS_PER_US * (20 + random_below(&t->random,
							       longest_us)));
	else if (kind % 2)
		sched_yield();
	else
		tarry(random_below(&t->random, 200));
}

static void describe(char *text, size_t size)
{
	snprintf(text, size, ", one point in %u, sleeps up to %u us", one_in,
		 longest_us);
}

const struct strategy strategy_random = { begin, NULL, at, describe };
