/* SPDX-License-Identifier: MIT */
/*
 * Programs of a few operations on one object, whose history the explorer
 * judges. The operations are those of the kind's model, by their names
 * (harness/check/history/model_KIND.c).
 */
#ifndef STAGE_H
#define STAGE_H

#include "../../../primitives/register.h"

enum { STAGE_THREADS = 2, STAGE_OPERATIONS = 3 };

struct asked {
	const char *name; /* NULL: no more */
	int argument;
};

struct plan {
	const char *kind;
	int parameters[2]; /* of the object: the model's meaning */
	struct asked of[STAGE_THREADS][STAGE_OPERATIONS];
};

/* NULL, or why the implementation cannot do it. */
const char *stage_lacks(const struct plan *p, const void *impl);

/* Make the object; play a thread's part, which ends by letting go of what it
 * holds; ask what is left, destroy. */
void stage_begin(const struct plan *p, const void *impl);
void stage_play(unsigned thread);
void stage_end(void);

#endif
