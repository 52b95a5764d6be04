/* SPDX-License-Identifier: MIT */
/*
 * Which implementation is faster: each cell against the base of its group, as
 * a ratio with its interval, corrected over the whole table; and the A/A twins,
 * which show what the table is worth.
 */
#ifndef TABLE_H
#define TABLE_H

#include "ratio.h"
#include "summary.h"

struct table_line {
	size_t cell, base; /* indices within the campaign */
	const char *figure;
	bool twin; /* base is the same lock: nothing is to be resolved */
	bool more_is_better;
};

struct table {
	const struct summary *summary;
	struct table_line *lines;
	struct comparison *comparisons; /* of each line; ratios new / base */
	size_t n;
};

/* All lines of a campaign, not yet compared. base: the pthread family's cell,
 * or the first of the group. */
struct table *table_new(const struct summary *s);

/* (Re)compute it from the rows so far; q: the share of false verdicts that is
 * allowed, 0.05 unless the campaign looks several times. */
void table_compare(struct table *t, double q);

/* "faster", "slower" or "not resolved". */
const char *table_verdict(const struct table *t, size_t line);

/* How wide the line's interval is, half of it, as a share; INFINITY if it has
 * no bound yet. */
double table_width(const struct table *t, size_t line);

/* comparisons.csv; false (errno). */
bool table_write(const struct table *t, const char *path);

/* The best of each group beside its fairness and CPU time, the verdicts, and
 * how many A/A twins were "resolved". */
void table_print(const struct table *t, FILE *out);

#endif
