/* SPDX-License-Identifier: MIT */
/*
 * A campaign: which cells, how long, how often, and what is expected of them;
 * read from an INI file.
 *
 *	[campaign]
 *	window_ms = 150
 *	ramp_ms = 30
 *	repetitions = 3                 blocks; each has every cell once
 *	twin_every = 1                  an A/A twin in each n-th group; 0: none
 *	without = mutex/park_*          left out where a section names none
 *	order = interleaved             or sequential: one cell after the other
 *
 *	[mutex_contended: short]        a scenario, and a label of your choice
 *	implementations = futex, spin   patterns; default: all but `without`
 *	threads = 1, P, 2P              P: the CPUs that may be used; default 1
 *	cs_ns = 50, 1000                any parameter; lists multiply
 *	modes = throughput, latency     also order, open, fixed, unsynced
 *	rate_per_s = 1000               mode open: operations due
 *	ops = 100000                    modes fixed, unsynced: of each thread
 *	window_ms = 500                 instead of the campaign's
 *
 *	[*]                             every scenario that is not named
 *	threads = 2
 *
 *	[finding]                       see ledger in the README
 *	[expect: what must come out]    see expect.h
 *
 * Cells that differ in the implementation alone form a group. Cells of a group
 * stand next to each other in a block, and are what comparisons compare.
 */
#ifndef CAMPAIGN_H
#define CAMPAIGN_H

#include "expect.h"
#include "window.h"

struct campaign_cell {
	struct cell cell;
	enum window_mode mode;
	uint64_t window_ms;
	uint64_t rate_per_s; /* mode open */
	uint64_t ops;	     /* modes fixed and unsynced: of each thread */
	const char *name;    /* of the implementation or variant, or twin */
	bool twin;	     /* a second name for what stands before it */
	bool old;	     /* what stands before it, run by another build */
	size_t group;
	char *path; /* kind/implementation/scenario/param:value/.../t:N */
};

/* What a finding of the ledger says of itself; NULL: it is none. */
struct finding {
	const char *id, *claim, *source, *shape;
	unsigned cpus; /* fewer cannot show it; 0: any number can */
};

struct campaign {
	const char *file;
	uint64_t window_ms, ramp_ms;
	unsigned repetitions;
	unsigned twin_every;
	bool sequential;
	char *without;		     /* patterns, while it is read */
	struct campaign_cell *cells; /* a group's cells in a row */
	size_t n, groups;
	struct expectation *expectations;
	size_t n_expectations;
	struct finding finding;
};

/* What the command line asks to be different; NULL or 0: as in the file. */
struct campaign_options {
	const char *filter;  /* extended regular expression over paths */
	const char *threads; /* "1,2,4": instead of each section's own */
	unsigned repetitions;
	uint64_t window_ms;
	const char *base; /* another build, to be compared with */
};

/* 0, or EXIT_USAGE after one line on stderr. The campaign lives for ever. */
int campaign_read(const char *file, const struct campaign_options *options,
		  struct campaign *out);

/* Put order[0 .. n-1] = 0 .. n-1 into an order drawn from *seed. */
void campaign_shuffle(size_t *order, size_t n, uint64_t *seed);

/* "P", "2P", "P/2", "P+1" or a plain number; false if it is none of them. */
bool campaign_number(const char *text, uint64_t *out);

const char *window_mode_name(enum window_mode mode);

#endif
