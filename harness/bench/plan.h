/* SPDX-License-Identifier: MIT */
/*
 * What the two halves of a campaign's reader share: campaign.c reads sections
 * into plans, cells.c multiplies plans out into cells.
 */
#ifndef PLAN_H
#define PLAN_H

#include "campaign.h"

enum { LIST_MAX = 64 };

/* One section of the file, before it is multiplied out. */
struct plan {
	char title[128];		 /* as in the file, label included */
	const struct scenario *scenario; /* NULL: all that are not named */
	bool rest;			 /* made from such a plan */
	uint64_t window_ms;		 /* 0: the campaign's */
	char *implementations, *threads, *modes;
	uint64_t rates[LIST_MAX], ops[LIST_MAX];
	unsigned n_rates, n_ops;
	uint64_t values[PARAMS_MAX][LIST_MAX];
	unsigned n_values[PARAMS_MAX]; /* 0: the default */
};

struct reader {
	struct campaign *campaign;
	struct plan *plans;
	size_t n_plans;
	char why[300]; /* the first thing that is wrong */
};

/* Keep the first thing that is wrong. Returns what an inih handler returns for
 * an error. */
int reader_wrong(struct reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Whole numbers within [min, max], comma between them; how many, 0 if wrong. */
unsigned reader_list(struct reader *r, const char *name, const char *text,
		     uint64_t min, uint64_t max, uint64_t *out);

/* Multiply all plans out; false after reader_wrong. */
bool cells_make(struct reader *r, const struct campaign_options *o);

/* After a filter: number the groups, put a twin into each n-th and, with old,
 * the other build's cell behind each. */
void cells_group(struct campaign *c, bool old);

/* Without white space at its ends; changes s. */
char *trim(char *s);

#endif
