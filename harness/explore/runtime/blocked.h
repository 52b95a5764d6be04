/* SPDX-License-Identifier: MIT */
/*
 * Why threads cannot go on: what each waits for, what it has seen of it, and
 * its stack.
 */
#ifndef BLOCKED_H
#define BLOCKED_H

#include "diagram.h"
#include "text.h"

/* A row at the end for each thread that has not ended. */
void blocked_rows(struct diagram *d);

/* After rows have their numbers: who they are, but for those who wait for
 * another's end; "": nobody else. */
void blocked_name(const struct diagram *d, struct text *t);

void blocked_print(const struct diagram *d, FILE *f);

#endif
