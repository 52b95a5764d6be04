/* SPDX-License-Identifier: MIT */
/*
 * raw.csv: one line a window, written whole as soon as the window is over.
 * The columns are explained in results/README.md.
 */
#ifndef ROW_H
#define ROW_H

#include "campaign.h"

/* Bumped whenever a column changes its meaning. */
enum { SCHEMA = 1 };

/* Where and when a window was run. */
struct row_context {
	const char *campaign; /* file name without folder and ending */
	unsigned block;	      /* which pass over all cells, from 0 */
	size_t order;	      /* place within the block, from 0 */
	unsigned repetition;  /* of this cell, from 0 */
	uint64_t seed;
};

/* A window, judged. */
struct row {
	const struct campaign_cell *cell;
	struct row_context context;
	const struct window_result *result;
	bool valid;
	char why[300]; /* why not valid; "" if it is */
};

/* Is the window fit to be averaged? Sets valid and why. */
void row_judge(struct row *row);

/* The first line of raw.csv. */
extern const char row_header[];

/* Append the row to fd in one write; false (errno) if it did not fit, and then
 * the file ends with the last whole row. */
bool row_write(int fd, const struct row *row);

/* "cs_ns=50 ncs_ns=50": all parameters of the cell. */
void row_parameters(const struct campaign_cell *cell, char *out, size_t size);

double row_ops_per_s(const struct window_result *r);
double row_cpu_ns_per_op(const struct window_result *r);

/* Latency percentiles belong to latency windows and slow scenarios. */
bool row_has_latency(const struct row *row);

const char *row_family(const struct campaign_cell *cell);
const char *row_kind(const struct campaign_cell *cell);

#endif
