/* SPDX-License-Identifier: MIT */
/*
 * --jobs: the search in several processes.
 *
 * A job is a copy of the process by fork: it has the graph, the search's stack
 * and everything else, takes one of the items that were to be searched, and
 * counts into the shared page. Nothing is handed over, nothing is waited for,
 * except by the first process, for all, at the end.
 */
#ifndef JOBS_H
#define JOBS_H

#include <stdint.h>

enum job {
	JOB_ALONE,  /* go on with the item */
	JOB_PARENT, /* a child has just been made, it has taken the item */
	JOB_CHILD,  /* this is the child: do this item, nothing else */
};

/* What was counted since the last jobs_tally(): see struct explore_page. */
struct tally {
	uint64_t complete, blocked, dropped, duplicates, violations, events,
		deepest;
	uint64_t once; /* executions met exactly once, if they are told apart */
};

extern struct tally tally;

/* Add it to the page, and begin anew. Now and then, and before an end. */
void jobs_tally(void);

/* Once, before the search. */
void jobs_start(void);

/* At each item that another could do: is another to do it? Cheap. */
enum job jobs_split(void);

/* This job is done. The first process waits for all others, and returns; the
 * others exit here. */
void jobs_finish(void);

#endif
