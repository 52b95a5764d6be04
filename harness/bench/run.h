/* SPDX-License-Identifier: MIT */
/*
 * Runs a campaign: which window comes next, which is run again, when enough is
 * known.
 *
 * A block has each cell once. Groups come in an order drawn from the seed and
 * the block's number, the cells of a group next to each other and in an order
 * of their own, so that what is compared is measured within seconds; every odd
 * block repeats the one before it backwards, so that whatever drifts steadily
 * does the same to all (M13).
 *
 * With a budget of time, blocks go on until it is spent, but only with groups
 * that still have something to resolve.
 */
#ifndef RUN_H
#define RUN_H

#include "results.h"
#include "table.h"

struct run {
	const struct campaign *campaign;
	struct results results;
	struct summary *summary;
	struct table *table;
	uint64_t seed;
	uint64_t budget_ns; /* 0: the campaign's repetitions */
	const char *base;   /* the program that runs cells marked old */
	bool quiet;	    /* no progress */
};

enum run_end { RUN_DONE, RUN_INTERRUPTED, RUN_REFUSED, RUN_UNWRITABLE };

/* Runs what the summary lacks; adds each window to it and to the results.
 * RUN_REFUSED and RUN_UNWRITABLE have printed one line on stderr. */
enum run_end run_campaign(struct run *r);

/* The cells of a block in their order; out has campaign->n places. */
void run_order(const struct campaign *c, uint64_t seed, unsigned block,
	       size_t *out);

#endif
