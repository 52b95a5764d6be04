/* SPDX-License-Identifier: MIT */
/*
 * The counts of all processes in one table.
 */
#ifndef RUN_TALLY_H
#define RUN_TALLY_H

#include <stdio.h>

/* Add up the lines of ../preload/counts.h. */
void tally_print(FILE *out, FILE *lines);

#endif
