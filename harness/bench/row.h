/* SPDX-License-Identifier: MIT */
/*
 * raw.csv: one line a window, written whole as soon as the window is over, and
 * read again to continue a campaign or to compare two of them. The columns are
 * explained in results/README.md.
 */
#ifndef ROW_H
#define ROW_H

#include "campaign.h"
#include "figure.h"

/* Bumped whenever a column changes its meaning. */
enum { SCHEMA = 2 };

/* Where and when a window was run. */
struct row_context {
	const char *campaign; /* file name without folder and ending */
	unsigned block;	      /* which pass over all cells, from 0 */
	size_t order;	      /* place within the block, from 0 */
	unsigned attempt;     /* 0; more if the machine spoilt the first ones */
	uint64_t seed;
};

enum row_state {
	ROW_VALID,
	ROW_SPOILT,  /* the machine's fault: worth another attempt */
	ROW_INVALID, /* measured something else than asked */
	ROW_FAILED,  /* not verified, hung or crashed: a result in itself */
	ROW_SKIPPED, /* makes no sense here */
	ROW_STATES,
};

/* "valid", "spoilt", ..., and back; ROW_STATES if it is none of them. */
const char *row_state_name(enum row_state state);
enum row_state row_state(const char *name);

/* A window, judged. */
struct row {
	const struct campaign_cell *cell;
	struct row_context context;
	unsigned cpus;
	double figures[FIGURES];
	struct extra extras[EXTRAS_MAX];
	enum row_state state;
	bool complete, verified;
	char why[300]; /* why not valid; "" if it is */
	char note[200];
};

/* Count windows that other programs have disturbed (--lenient): for machines
 * that are never quiet, and tests that only ask whether something runs. */
extern bool row_lenient;

/* Is the window fit to be averaged? Fills in all but cell and context. */
void row_judge(struct row *row, const struct window_result *result);

/* The first line of raw.csv, newline included; valid for ever. */
const char *row_header(void);

/* Append the row to fd in one write; false (errno) if it did not fit, and then
 * the file ends with the last whole row. */
bool row_write(int fd, const struct row *row);

/* "cs_ns=50 ncs_ns=50": all parameters of the cell. */
void row_parameters(const struct campaign_cell *cell, char *out, size_t size);

/* A figure by its column's name or a scenario's own; NAN if there is none. */
double row_figure(const struct row *row, const char *name);

const char *row_family(const struct campaign_cell *cell);
const char *row_kind(const struct campaign_cell *cell);

#endif
