/* SPDX-License-Identifier: MIT */
/*
 * Is a history right?
 *
 * Source: J. Wing and C. Gong, "Testing and verifying concurrent objects"
 * (JPDC 1993), the search; G. Lowe, "Testing for linearizability" (Concurrency
 * and Computation 2017), the memory of configurations that lead nowhere;
 * S. Burckhardt et al., "Line-Up" (PLDI 2010), what a stuck operation means.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include "model.h"

enum judgement {
	RIGHT,
	WRONG,
	UNDECIDED, /* too many configurations: says nothing */
};

/* Of a wrong history: the configuration that explains most of it. */
struct nearest {
	uint64_t done; /* a bit for each operation */
	struct state state;
};

/* Not thread-safe. nearest may be NULL. */
enum judgement judge(const struct model *m, const struct client *c,
		     const struct history *h, struct nearest *nearest);

/* The same where time is no line: before[i] has a bit for each operation that
 * has responded before the i-th was invoked; a partial order. The times of the
 * history only say which have not responded. */
enum judgement judge_ordered(const struct model *m, const struct client *c,
			     const struct history *h, const uint64_t *before,
			     struct nearest *nearest);

/* Cut a wrong history to its shortest beginning that is wrong: what was under
 * way there becomes open. Unchanged if only the end is wrong. */
void judge_cut(const struct model *m, const struct client *c,
	       struct history *h);

#endif
