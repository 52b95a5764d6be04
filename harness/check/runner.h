/* SPDX-License-Identifier: MIT */
/*
 * Runs laws over implementations. Not thread-safe; forks a process a law.
 */
#ifndef RUNNER_H
#define RUNNER_H

#include <stdio.h>

#include "laws.h"

/* How many times the usual rounds laws make (law_rounds). */
extern unsigned law_effort;

/* After so long a law counts as hung. */
extern unsigned law_limit_s;

struct law_totals {
	unsigned passed, failed, skipped;
};

/* All laws of r's kind; a line for r and one for each failure and skip. */
void lab_run_laws(const struct registration *r, struct law_totals *totals);

/* "kind,law,brief" lines, for documentation. */
void lab_list_laws(FILE *out, bool csv);

#endif
