/* SPDX-License-Identifier: MIT */
#include "ramp.h"

#include <math.h>

#include "window_child.h"

/* How many slices the plan's ramp has; the longest one has RAMP_SLICES. */
enum { SLICES_MIN = RAMP_SLICES / 4 };

/* A rate that changes less is flat: windows differ by as much. */
static const double FLAT = 0.10;

/* In a pair of slices; of fewer, chance alone would change the rate so. */
static const uint64_t ENOUGH = 1000;

double ramp_slope(const struct ramp_mark *marks, unsigned n)
{
	if (n < 6)
		return NAN;

	const struct ramp_mark *a = &marks[n - 5], *b = &marks[n - 3];
	const struct ramp_mark *c = &marks[n - 1];

	if (b->ops - a->ops < ENOUGH || c->ops - b->ops < ENOUGH)
		return NAN;

	double first = (double)(b->ops - a->ops) / (double)(b->ns - a->ns);
	double second = (double)(c->ops - b->ops) / (double)(c->ns - b->ns);

	return second / first - 1;
}

/* The marks of all workers, each on lines of its own. Not found through their
 * turns, which are theirs while they run. */
enum { MARKS_STRIDE = 4 * CACHE_LINE / sizeof(uint64_t) };
_Static_assert(MARKS_STRIDE >= (int)PHASES,
	       "more phases than places for marks");
static _Atomic uint64_t *all_marks;

void ramp_prepare(struct cell *c)
{
	all_marks = cell_alloc(c->n_workers * MARKS_STRIDE * sizeof(uint64_t));
	for (size_t i = 0; i < c->n_workers; i++)
		c->workers[i].turn.marks = all_marks + i * MARKS_STRIDE;
}

/* What a worker had done when a slice began: at least what it had when it last
 * saw one begin. */
static uint64_t worker_mark(size_t worker, unsigned slice)
{
	const _Atomic uint64_t *marks = all_marks + worker * MARKS_STRIDE;
	uint64_t most = 0;

	/* relaxed: a count that only grows */
	for (; slice > 0 && most == 0; slice--)
		most = atomic_load_explicit(&marks[slice],
					    memory_order_relaxed);
	return most;
}

static void read_marks(struct ramp_mark *marks, unsigned n, size_t workers)
{
	for (unsigned slice = 0; slice < n; slice++) {
		marks[slice].ops = 0;
		for (size_t i = 0; i < workers; i++)
			marks[slice].ops += worker_mark(i, slice);
	}
}

double ramp_run(const struct cell *c, uint64_t ramp_ns, _Atomic uint32_t *phase)
{
	struct ramp_mark marks[RAMP_SLICES];
	uint64_t start = now_ns();
	double slope = NAN;

	for (uint32_t slice = RAMP; ramp_ns && slice < RAMP_SLICES; slice++) {
		marks[slice].ns = now_ns();
		/* relaxed: the value is the message */
		atomic_store_explicit(phase, slice, memory_order_relaxed);
		sleep_until(start + (slice + 1) * ramp_ns / SLICES_MIN);
		if (slice + 1 < SLICES_MIN)
			continue;
		read_marks(marks, slice + 1, c->n_workers);
		slope = ramp_slope(marks, slice + 1);
		if (!(fabs(slope) > FLAT)) /* flat, or nobody can tell */
			break;
	}
	return slope;
}
