/* SPDX-License-Identifier: MIT */
/*
 * Where a campaign's results go: DIR/<machine>/<utc>-<git>/, and how one that
 * was cut off is found again.
 *
 *	env.json       machine, kernel, compiler, arguments, seed and key
 *	raw.csv        one line a window
 *	latencies.csv  one line a window with latencies: its histogram
 *	histograms/    of each cell, among them its hand-overs by CPU
 *
 * The key says what a window's figures depend on. Only rows of the same key may
 * stand in one campaign.
 */
#ifndef RESULTS_H
#define RESULTS_H

#include "summary.h"

struct results {
	char folder[600];
	int raw, latencies; /* opened for appending, headers written */
};

/* What has been asked for, for env.json. */
struct request {
	const struct campaign *campaign;
	uint64_t seed;
	const char *profile;
	const char *base; /* another build that is measured too; NULL: none */
	int argc;
	char **argv;
};

/* Makes the folder (never an existing one), env.json and the empty tables. 0,
 * or EXIT_USAGE after one line on stderr. */
int results_open(const char *dir, const struct request *request,
		 struct results *out);

/* Continue folder, or, if it is "", the newest campaign below dir with the
 * request's key; *seed is that campaign's. out->folder is "" if there is none.
 * 0, or EXIT_USAGE after one line on stderr. */
int results_resume(const char *dir, const char *folder,
		   const struct request *request, struct results *out,
		   uint64_t *seed);

/* All whole rows of a campaign, each into the summary. 0 or EXIT_USAGE. */
int results_read(const struct results *r, struct summary *s);

/* Append a window; false (errno), and then all lines are whole still. */
bool results_add(const struct results *r, const struct row *row,
		 const struct histogram *latency);

/* Add a valid window's hand-overs to what its cell's file has; false (errno).
 * To be called after results_add: a window counts once at most. */
bool results_add_handovers(const struct results *r, const struct row *row,
			   const struct order_matrix *m);

#endif
