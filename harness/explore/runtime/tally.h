/* SPDX-License-Identifier: MIT */
/*
 * What an exploration has come to, in the page shared with the command.
 */
#ifndef TALLY_H
#define TALLY_H

#include "engine.h"

/* An execution has ended: count it, and look whether there was one like it. */
void tally_execution(struct graph *g, enum ending ending);
/* A violation, or a bound: no more executions. */
bool tally_over(void);

#endif
