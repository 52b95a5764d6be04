/* SPDX-License-Identifier: MIT */
/*
 * A campaign fitted from a profile: for the origins whose locks cost most, one
 * section each of mutex_fitted or rwlock_fitted (scenarios/_fitted.h).
 *
 * The locks of an origin, all that one call initialises, are taken as one pool
 * that its threads choose from. The time between sections is that from a
 * thread's release of one to its next acquisition of one. Exact are the
 * threads, the locks and the shares; lengths are quantiles of the sample.
 */
#ifndef PROFILE_FIT_H
#define PROFILE_FIT_H

#include <stdio.h>

#include "profile_symbols.h"

enum { FIT_QUANTILES = 4, FIT_THREADS_MAX = 256 };

extern const double fit_quantiles[FIT_QUANTILES];

struct fit {
	const struct raw_origin *origin;
	bool rwlock;
	unsigned threads;
	unsigned locks;	       /* that have 99 % of the acquisitions */
	unsigned hot_permille; /* of the one used most; 0: it is the only one */
	unsigned write_permille;
	double cs_ns[FIT_QUANTILES], ncs_ns[FIT_QUANTILES];
	unsigned ncs_cpu_percent;
	double acquired, contended, waited_ns;
};

/* false: it is no lock, or nothing is known of how long it is held. */
bool fit_origin(const struct raw *raw, const struct raw_origin *origin,
		struct fit *out);

void fit_begin(FILE *out);
void fit_write(FILE *out, const struct fit *f, unsigned number,
	       const struct raw *raw, struct symbols *s);

#endif
