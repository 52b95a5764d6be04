/* SPDX-License-Identifier: MIT */
/*
 * What several scenarios need besides scenario.h.
 */
#ifndef KIT_H
#define KIT_H

#include <string.h>

#include "../primitives/guard.h"
#include "scenario.h"

/* For setup: true if result is 0, else says what went wrong. */
static inline bool kit_ok(struct cell *c, const char *what, int result)
{
	return !result || cell_fail(c, "%s: %s", what, strerror(result));
}

/* A new queue node of the caller's; NULL if the implementation needs none. */
static inline void *kit_node(const struct implementation *id)
{
	return id && id->node_size ? cell_alloc(id->node_size) : NULL;
}

/* A mutex for the conditions of a cell, of their family; no node yet. */
static inline bool kit_guard(struct cell *c, struct guard *g)
{
	const struct registration *r = cell_companion(c, "mutex");

	if (!r)
		return cell_fail(c, "there is no mutex of this family");
	*g = (struct guard){ .mutex = (const void *)r->id,
			     .object = cell_object(r) };
	return !g->mutex->init || kit_ok(c, "mutex", g->mutex->init(g->object));
}

/* The guard as one thread uses it. */
static inline struct guard kit_own_guard(const struct guard *shared)
{
	struct guard own = *shared;

	own.node = kit_node(&own.mutex->id);
	return own;
}

/* As .skip, for scenarios that need somebody to wait for. */
static inline const char *kit_skip_alone(const struct cell *c)
{
	return c->threads < 2 ? "needs at least 2 threads" : NULL;
}

/* Off the CPU for so long; workers have a timer slack of 1 ns. */
static inline void kit_sleep(uint64_t ns)
{
	struct timespec t = deadline_timespec(deadline_in(ns));

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* Nothing more can be done in this window, for a reason that is known. Not
 * after worker_next has said no. */
static inline void sit_out(struct worker *w)
{
	while (worker_next(w))
		usleep(1000);
}

/*
 * worker_next for a thread that tells what it has cost: checksum is the CPU
 * time of the thread within the window, as it saw the window begin and end.
 */
static inline bool kit_next_on_cpu(struct worker *w)
{
	uint32_t before = w->turn.seen;
	bool more = worker_next(w);
	struct timespec t;

	if (likely(w->turn.seen == before))
		return more;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);

	uint64_t cpu_ns = (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;

	if (before < MEASURE)
		w->checksum -= cpu_ns;
	if (w->turn.seen > MEASURE)
		w->checksum += cpu_ns;
	return more;
}

/*
 * In verify: the wait of some of the workers, at the median. If none of them
 * got in within the window, they have waited for at least as long as it lasted.
 */
static inline double kit_wait_p50(const struct cell *c, unsigned first,
				  unsigned n)
{
	struct recorded waits = cell_latencies(c, first, n);

	return waits.n || n == 0 ? waits.p50_ns : (double)c->window_ns;
}

/* For verify: what is wrong with an operation, if one was wrong. */
static inline bool kit_no_violations(struct cell *c, const char *what)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < c->n_workers; i++)
		sum += c->workers[i].violations;
	return !sum ||
	       cell_fail(c, "%s (%llu times)", what, (unsigned long long)sum);
}

/* As .verify of a wake-all: each waiter's checksum is how often it woke. */
static inline bool kit_verify_rounds(struct cell *c)
{
	unsigned long long rounds = c->workers[0].turn.ops;

	for (unsigned i = 1; i < c->n_workers; i++) {
		unsigned long long woken = c->workers[i].checksum;

		if (woken != rounds)
			return cell_fail(c,
					 "waiter %u woke in %llu of %llu "
					 "rounds",
					 i, woken, rounds);
	}
	return kit_no_violations(c, "a waiter was in another round");
}

#endif
