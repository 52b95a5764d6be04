/* SPDX-License-Identifier: MIT */
/*
 * Counting. Counts are kept here and added to the page every so many
 * executions, since the page is written by all jobs.
 */
#include "tally.h"

#include <stdlib.h>
#include <time.h>

#include "jobs.h"
#include "options.h"
#include "report.h"
#include "violation.h"

static uint64_t ran;
static bool over;

/* Hashes of all executions so far, open addressing, doubled when half full; the
 * lowest bit says that it was met again. */
static uint64_t *seen;
static size_t room, used;

static uint64_t *place_of(uint64_t h)
{
	size_t i = h >> 1;

	while (seen[i %= room] && (seen[i] ^ h) > 1)
		i++;
	return &seen[i];
}

static void make_room(void)
{
	uint64_t *before = seen;
	size_t n = room;

	room = room ? 2 * room : 1024;
	seen = calloc(room, sizeof(seen[0]));
	if (!seen)
		abort();
	for (size_t i = 0; i < n; i++)
		if (before[i])
			*place_of(before[i]) = before[i];
	free(before);
}

/* Good and Turing: the probability that the next walk meets a new execution is
 * about the share of those met once. (I. Good, Biometrika 1953.) */
static bool is_duplicate(const struct graph *g)
{
	uint64_t h = (graph_hash(g) | 2) & ~UINT64_C(1), *at;

	if (2 * used >= room)
		make_room();
	at = place_of(h);
	if (!*at) {
		*at = h;
		used++;
		tally.once++;
		return false;
	}
	tally.once -= !(*at & 1);
	*at |= 1;
	return true;
}

static void count(const struct graph *g, enum ending ending)
{
	switch (ending) {
	case ENDING_COMPLETE:
		tally.complete++;
		break;
	case ENDING_BLOCKED:
		tally.blocked++;
		break;
	case ENDING_DROPPED:
		tally.dropped++;
		return;
	case ENDING_VIOLATION:
		tally.violations++;
		break;
	case ENDING_BOUND:
		atomic_store_explicit(&page->bounded, 1, memory_order_relaxed);
		return;
	}
	if (page->check_duplicates && is_duplicate(g))
		tally.duplicates++;
}

/* A page of counters is written by all jobs: not each time. */
enum { BATCH = 1024, LOOK = 16 };

static uint64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t executions(void)
{
	const memory_order o = memory_order_relaxed;

	return atomic_load_explicit(&page->complete, o) + tally.complete +
	       atomic_load_explicit(&page->blocked, o) + tally.blocked;
}

static bool bound_met(void)
{
	static uint64_t start;

	if (!start)
		start = milliseconds();
	if (++ran % BATCH == 0)
		jobs_tally();
	if (page->executions_max && executions() >= page->executions_max)
		return true;
	return page->ms_max && ran % LOOK == 0 &&
	       milliseconds() - start >= page->ms_max;
}

void tally_execution(struct graph *g, enum ending ending)
{
	tally.events += g->n;
	if (tally.deepest < g->n)
		tally.deepest = g->n;
	count(g, ending);
	if (ending == ENDING_VIOLATION) {
		over = !page->keep_going || violation.kind == UNSUPPORTED;
		report_violation(g);
		atomic_store_explicit(&page->stop, over, memory_order_relaxed);
		return;
	}
	if (ending == ENDING_COMPLETE && page->show)
		report_execution(g);
	if (bound_met()) {
		atomic_store_explicit(&page->bounded, 1, memory_order_relaxed);
		over = true;
	}
}

bool tally_over(void)
{
	return over || atomic_load_explicit(&page->stop, memory_order_relaxed);
}
