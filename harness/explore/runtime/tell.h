/* SPDX-License-Identifier: MIT */
/*
 * The page of a report: headline, diagram, what is missing, stacks. It is about
 * `violation`, of the execution that has just been recorded.
 */
#ifndef TELL_H
#define TELL_H

#include "diagram.h"
#include "violation.h"

/* Also gives the violation a text with the names of things. */
void tell(const struct graph *g, FILE *f);

/* Of tell.c and tell_race.c: headline and diagram; the stack of the thread that
 * ended the execution, in the row r. */
void tell_table(const struct diagram *d, FILE *f);
void tell_now(const struct row *r, FILE *f);

/* Two accesses that nothing orders. */
void tell_race(struct diagram *d, FILE *f);
/* Is it the other side? */
bool tell_is_other(const struct event *e);
/* Does it touch what the violation is about? */
bool tell_touches(const struct record *r);

#endif
