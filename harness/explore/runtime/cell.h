/* SPDX-License-Identifier: MIT */
/*
 * One row of a diagram in words: "read flag = 1 (acq) <- row 4".
 */
#ifndef CELL_H
#define CELL_H

#include "diagram.h"
#include "text.h"

/* A blank between words that belong on one line. */
#define TIED "\1"

void cell_print_words(const char *at, unsigned n, FILE *f);

void cell_print(const struct diagram *d, const struct row *r, struct text *t);

/* Does it concern what a call keeps to itself, rather than the program's data?
 */
bool cell_is_call(const struct event *e);

/* "futex wait lock.word", "pthread_join T2" */
void cell_call(const struct op *op, struct text *t);

/* Has somebody been woken by the write of this queue (call_queue.h)? */
bool cell_wakes(uint64_t queue);

/* The variable of a location, or what a hidden one belongs to. */
const char *cell_variable(const struct graph *g, unsigned location);

/* A value as a reader wants it: a number, or what it points to. */
void cell_value(uint64_t value, size_t size, struct text *t);

#endif
