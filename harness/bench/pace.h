/* SPDX-License-Identifier: MIT */
/*
 * When a worker may begin its next operation, in the modes in which that is not
 * at once:
 *
 *	OPEN		when it is due: arrivals by a Poisson process, whose
 *			rate the workers share. Who is late starts at once, and
 *			what it was late by belongs to the latency (coordinated
 *			omission: G. Tene; rule M10).
 *	FIXED		until it has done its number of operations (M2)
 *	UNSYNCED	the same, without a common start (M1)
 *
 * Between operations such a worker's turn calls back here instead of looking at
 * the window's phase (struct pace in section.h), so that the other modes pay
 * nothing. Auxiliary workers keep to the phases of the window in any mode.
 */
#ifndef PACE_H
#define PACE_H

#include "recorder.h"
#include "window.h"

struct pacer {
	struct pace pace; /* first: what the turn calls */
	struct worker *worker;
	const _Atomic uint32_t *phase; /* the window's own */
	/* OPEN */
	double gap_ns;	  /* between two of this worker's operations, mean */
	uint64_t spin_ns; /* before it is due */
	uint64_t due_ns, late_ns; /* of the operation now begun */
	uint64_t asked;		  /* operations counted when it was begun */
	bool misused;		  /* asked in the midst of an operation */
	uint64_t random;
	/* FIXED, UNSYNCED */
	uint64_t ops;
	bool finished;
};

/* Make this worker keep the plan's pace; nothing in modes without one. The
 * plan's rate is split over so many workers. */
void pace_worker(struct worker *w, const struct window_plan *plan,
		 unsigned workers);

/* A worker has left its loop. */
void pace_left(struct worker *w);

/* FIXED, UNSYNCED: do all operations end the window, not the clock? */
bool pace_by_ops(const struct window_plan *plan);

/* Block until each of n workers has done its operations or is auxiliary. */
void pace_await(unsigned n);

/* From when the first began to when the last had done its operations. */
void pace_edges(const struct cell *c, uint64_t *from, uint64_t *to);

/* What the mode makes of the figures, once they are there. */
void pace_figures(const struct cell *c, const struct window_plan *plan,
		  struct window_result *r);

#endif
