/* SPDX-License-Identifier: MIT */
/*
 * The rows of a campaign, by cell and block, and what they come to: summary.csv
 * with medians over the valid windows, and the histograms.
 *
 * Not thread-safe. A summary owns copies of all it needs.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "row.h"

struct cell_rows {
	const struct campaign_cell *cell;
	struct row *rows; /* in the order of the windows */
	size_t n;
	struct histogram *latency; /* of the valid rows; NULL: none */
};

struct summary {
	const struct campaign *campaign;
	unsigned blocks; /* that have begun */
	struct cell_rows cells[];
};

struct summary *summary_new(const struct campaign *campaign);

/* cell: its index within the campaign. latency may be NULL. */
void summary_add(struct summary *s, size_t cell, const struct row *row,
		 const struct histogram *latency);

/* The latencies of a row that has been added without. */
void summary_add_latency(struct summary *s, size_t cell,
			 const struct histogram *latency);

/* The valid window of a cell in a block; NULL if there is none. */
const struct row *summary_row(const struct summary *s, size_t cell,
			      unsigned block);

/* A figure of a cell in each block, NAN where there is none: summary->blocks
 * values, to be freed by the caller. */
double *summary_values(const struct summary *s, size_t cell, const char *name);

/* The median over the valid windows; NAN if there is none. */
double summary_median(const struct summary *s, size_t cell, const char *name);

struct summary_counts {
	unsigned windows, valid, skipped;
	unsigned failed;  /* not verified, hung or crashed */
	unsigned invalid; /* measured something else than asked */
	unsigned spoilt;  /* by the machine */
	unsigned gaps;	  /* not valid to the last attempt: none in its block */
};

struct summary_counts summary_count(const struct summary *s);

/* Replace summary.csv at path; false (errno) if it cannot be written whole. */
bool summary_write(const struct summary *s, const char *path);

/* One .hgrm file for each cell with latencies; false (errno). */
bool summary_write_histograms(const struct summary *s, const char *folder);

#endif
