/* SPDX-License-Identifier: MIT */
/*
 * What a running campaign says of itself: on a terminal one live line with
 * cell, done and total, time left and how wide the current interval is; else a
 * line for each window.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "table.h"

struct progress {
	bool quiet, terminal;
	uint64_t started_ns, budget_ns;
	size_t done, total; /* steps: a cell in a block */
};

/* total is not known beforehand where a budget decides. */
void progress_start(struct progress *p, bool quiet, uint64_t budget_ns,
		    size_t total);

/* A window is over. */
void progress_row(struct progress *p, const struct row *row);

/* A cell's turn in a block is over, whether a window was run or not. */
void progress_step(struct progress *p, const struct table *t, size_t cell);

/* Take the live line away before something else is printed. */
void progress_clear(const struct progress *p);

#endif
