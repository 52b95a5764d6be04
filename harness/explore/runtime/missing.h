/* SPDX-License-Identifier: MIT */
/*
 * What would have ordered two accesses that race: a read that has seen what
 * came after the one, but did not synchronize with it.
 */
#ifndef MISSING_H
#define MISSING_H

#include "diagram.h"

struct missing {
	const struct row *write, *read; /* NULL: no value went that way */
	bool release, acquire;		/* what it lacked */
};

/* The first access was made by `thread` after so many events less one; the
 * second was the last thing that `by` did. */
struct missing missing_edge(const struct diagram *d, unsigned thread,
			    unsigned time, unsigned by);

#endif
