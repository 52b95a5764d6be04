/* SPDX-License-Identifier: MIT */
/*
 * A campaign: which cells, how long, how often; read from an INI file.
 *
 *	[campaign]
 *	window_ms = 150
 *	ramp_ms = 30
 *	repetitions = 3
 *
 *	[mutex_contended: short]        a scenario, and a label of your choice
 *	implementations = futex, spin   patterns; default: all of its kind
 *	threads = 1, 2, 4               default 1
 *	cs_ns = 50, 1000                any parameter; lists multiply
 *	modes = throughput, latency     default throughput
 *	window_ms = 500                 instead of the campaign's
 *
 *	[*]                             every scenario that is not named
 *	threads = 2
 */
#ifndef CAMPAIGN_H
#define CAMPAIGN_H

#include "window.h"

struct campaign_cell {
	struct cell cell;
	enum window_mode mode;
	uint64_t window_ms;
	uint64_t rate_per_s; /* mode open */
	uint64_t ops;	     /* modes fixed and unsynced: of each thread */
	const char *name;    /* of the implementation or variant, or twin */
	char *path; /* kind/implementation/scenario/param:value/.../t:N */
};

struct campaign {
	const char *file;
	uint64_t window_ms, ramp_ms;
	unsigned repetitions;
	struct campaign_cell *cells;
	size_t n;
};

/* What the command line asks to be different; NULL or 0: as in the file. */
struct campaign_options {
	const char *filter;  /* extended regular expression over paths */
	const char *threads; /* "1,2,4": instead of each section's own */
	unsigned repetitions;
	uint64_t window_ms;
};

/* 0, or EXIT_USAGE after one line on stderr. The campaign lives for ever. */
int campaign_read(const char *file, const struct campaign_options *options,
		  struct campaign *out);

/* Put order[0 .. n-1] = 0 .. n-1 into an order drawn from *seed. */
void campaign_shuffle(size_t *order, size_t n, uint64_t *seed);

const char *window_mode_name(enum window_mode mode);

#endif
