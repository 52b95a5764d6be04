/* SPDX-License-Identifier: MIT */
/*
 * What must come out of a campaign, and whether it did.
 *
 *	[expect: ttas gains with two threads]
 *	figure = ops_per_s         any column, or a scenario's own; the default
 *	of = mutex/ttas t:P        parts of a path that name one cell, its mode
 *	                           among them
 *	over = mutex/tas t:P       a second cell: then their ratio is judged
 *	over_figure = p99_ns       the ratio's other figure; over = of is meant
 *	above = 1.2                bounds of the value or ratio; a P stands for
 *	below = P+1                the number of CPUs; 0.7P is a bound too
 *	take = spread              not the figure, but how far each window's is
 *	                           from the cell's median: noise, not speed
 *
 *	[expect: twins look alike]
 *	figure = twins_apart       the share of the campaign's A/A twins with
 *	of = campaign              p <= 0.05, before any correction
 *	below = 0.05
 *
 *	[expect: the gate reports the lost update]
 *	of = mutex/broken          instead of figures: what becomes of the
 *	state = failed             windows: valid, invalid, failed, skipped
 *	why = lost|exclusion       and an expression that the reason matches
 *
 * An interval that lies within the bounds reproduces the expectation, one that
 * lies outside contradicts it, and any other resolves nothing.
 */
#ifndef EXPECT_H
#define EXPECT_H

#include <stdbool.h>
#include <stdio.h>

struct campaign;
struct summary;

struct expectation {
	const char *title;
	const char *figure;	 /* "ops_per_s" */
	const char *of, *over;	 /* selectors; over may be NULL */
	const char *over_figure; /* NULL: figure */
	double above, below;	 /* -INFINITY, INFINITY: no bound */
	const char *state, *why; /* NULL: it is about figures */
	bool bounded;		 /* has above or below */
	bool spread;		 /* take = spread */
	bool twins;		 /* it is about all twins, not about a cell */
	size_t cell, over_cell;	 /* resolved by expect_resolve */
};

enum outcome { UNRESOLVED, REPRODUCED, CONTRADICTED };

/* One line of an [expect: title] section; NULL, or what is wrong with it. */
const char *expect_key(struct expectation *e, const char *name,
		       const char *value);

/* Find the cells that the selectors name; false after why[] says what is
 * wrong. */
bool expect_resolve(const struct campaign *c, struct expectation *e, char *why,
		    size_t size);

/* What the rows so far say. text: the figures, in words. */
enum outcome expect_judge(const struct summary *s, const struct expectation *e,
			  double level, char *text, size_t size);

/* Is the cell expected to have windows in this state (an enum row_state)? */
bool expect_state(const struct campaign *c, size_t cell, int state);

/* expectations.csv, with the campaign's finding; false (errno). */
bool expect_write(const struct summary *s, const struct campaign *c,
		  const char *path);

/* Print a line for each; the gravest outcome: contradicted before unresolved
 * before reproduced. UNRESOLVED if there are none. */
enum outcome expect_print(const struct summary *s, const struct campaign *c,
			  FILE *out);

const char *outcome_name(enum outcome o);

#endif
