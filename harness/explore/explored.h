/* SPDX-License-Identifier: MIT */
/*
 * Programs under exploration: each a process with the runtime in it, and a page
 * that it shares with us.
 */
#ifndef EXPLORED_H
#define EXPLORED_H

#include <stddef.h>
#include <sys/types.h>

#include "runtime/options.h"

/* What came of it: as the program exits, and what is not its to say. */
enum verdict {
	VERIFIED = EXPLORE_VERIFIED,
	VIOLATED = EXPLORE_VIOLATION,
	NOT_SUPPORTED = EXPLORE_UNSUPPORTED,
	VERIFIED_TO_BOUND = EXPLORE_BOUNDED,
	NOT_APPLICABLE, /* the implementation cannot do what the client does */
	CUT_SHORT,	/* another's violation was enough */
};

struct explored {
	const char *name;   /* of the source or implementation */
	const char *client; /* NULL: a program of the user's */
	char **argv;
	bool talks; /* its standard output is ours */
	char report[4096], trace[4096];

	pid_t pid; /* 0: does not run */
	bool ended;
	struct explore_page *page; /* from its start to explored_forget */
	enum verdict verdict;
	char why[256]; /* NOT_SUPPORTED, NOT_APPLICABLE */
	double begun, seconds;
	long rss_kb;
};

struct exploring {
	const struct explore_page *ask;
	unsigned jobs;
	bool until_violation; /* the others are cut short */
	bool progress;	      /* on a terminal: a line that changes */
	void (*done)(const struct explored *e, void *context);
	void *context;
};

/* Runs those that have no verdict yet; done(e) in the order of their ends. */
void explored_run(struct explored *all, size_t n, const struct exploring *how);

/* This process becomes gdb, with the program in it. Returns EXIT_USAGE. */
int explored_gdb(struct explored *e, const struct explore_page *ask);

void explored_forget(struct explored *e);

uint64_t explored_executions(const struct explored *e);
double explored_rate(const struct explored *e); /* executions a second */

/* Of random walks: how many different executions, and how likely the next walk
 * is to be one of them. */
uint64_t explored_distinct(const struct explored *e);
double explored_coverage(const struct explored *e);

#endif
