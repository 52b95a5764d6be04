/* SPDX-License-Identifier: MIT */
#ifndef RUN_ENVIRONMENT_H
#define RUN_ENVIRONMENT_H

#include <stdbool.h>

#include "choice.h"

/* What `synclab run` was asked for. */
struct request {
	struct choice choice;
	bool fallback, alone, count;
	const char *counts; /* FILE; NULL: one of our own */
	bool profile;
	const char *folder; /* of the profile; NULL: one of our own */
	char **program;	    /* with its arguments */
};

/* The interposer's file; NULL: nowhere, said so. */
const char *environment_library(void);

/* Set LD_PRELOAD and the interposer's variable. counts and profile are paths
 * for it, or NULL. 0; or EXIT_USAGE, said why. */
int environment_set(const struct request *q, const char *counts,
		    const char *profile);

#endif
