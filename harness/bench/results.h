/* SPDX-License-Identifier: MIT */
/*
 * Where a campaign's results go: DIR/<machine>/<utc>-<git>/.
 */
#ifndef RESULTS_H
#define RESULTS_H

#include "campaign.h"

struct results {
	char folder[600];
	int raw; /* raw.csv, opened for appending, header written */
};

/* Makes the folder (never an existing one) with its histograms/ and raw.csv.
 * 0, or EXIT_USAGE after one line on stderr. */
int results_open(const char *dir, struct results *out);

/* env.json: machine, kernel, compiler, topology, arguments. false (errno). */
bool results_write_environment(const struct results *r,
			       const struct campaign *c, uint64_t seed,
			       const char *profile, int argc, char **argv);

#endif
