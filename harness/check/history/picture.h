/* SPDX-License-Identifier: MIT */
/*
 * A history as a picture for people: a line for each thread, time to the right
 * in the order of events.
 *
 *	thread 0  |-lock()-|  |-unlock()--|
 *	thread 1     |-lock()---------------...stuck
 */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdio.h>

#include "judge.h"

/* "timedlock(30 us)=busy" */
void picture_op(const struct model *m, const struct op *op, char *text,
		size_t size);

/* The threads of check: "thread 0" ..., and last what is done at the end. */
extern const char *const picture_threads[CLIENT_THREADS + 1];

/* In at most so many columns; longer ones go on below. */
void picture_print(const struct model *m, const struct history *h,
		   const char *const *threads, unsigned columns, FILE *out);

/* One line: which operation of a wrong history is odd, and how the object looks
 * to the model. */
void picture_why(const struct model *m, const struct history *h,
		 const struct nearest *nearest, const char *const *threads,
		 char *why, size_t size);

#endif
