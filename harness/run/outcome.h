/* SPDX-License-Identifier: MIT */
/*
 * What the program's processes leave behind for the command to tell: files for
 * the counts and for the profile.
 */
#ifndef RUN_OUTCOME_H
#define RUN_OUTCOME_H

#include <limits.h>
#include <stdio.h>

#include "environment.h"

struct outcome {
	FILE *lines;	    /* of the counts, or NULL */
	const char *counts; /* for the library: the path of that, or NULL */
	const char *raw;    /* for the library: FOLDER/raw, or NULL */
	bool temporary;	    /* counts: ours to remove */
	char counts_path[PATH_MAX + 1], folder[PATH_MAX],
		raw_path[PATH_MAX + 5];
};

/* Make the places. 0; or EXIT_USAGE, said why. */
int outcome_prepare(struct outcome *o, const struct request *q);

/* On standard error, after the program has ended. */
void outcome_tell(struct outcome *o);

void outcome_clear(struct outcome *o);

#endif
