/* SPDX-License-Identifier: MIT */
/*
 * From windows to cells: medians and ranges over the valid windows of each
 * cell, summary.csv, histograms, and the table that closes a campaign.
 *
 * Not thread-safe. A summary owns copies of all it needs.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "row.h"

struct summary;

struct summary *summary_new(const struct campaign *campaign);

/* index: of the cell within the campaign. */
void summary_add(struct summary *s, size_t index, const struct row *row,
		 const struct window_result *r);

/* false (errno) if the file cannot be written whole. */
bool summary_write(const struct summary *s, const char *path);

/* One .hgrm file for each cell with latencies; false (errno). */
bool summary_write_histograms(const struct summary *s, const char *folder);

/* Which implementation did best, for I/O-bound and for CPU-bound work, at
 * which number of threads, and what CPU time it took. */
void summary_print(const struct summary *s, FILE *out);

/* How many windows were invalid (skips aside) and how many failed outright:
 * not verified, hung or crashed. */
void summary_count(const struct summary *s, unsigned *invalid, unsigned *failed,
		   unsigned *skipped);

#endif
