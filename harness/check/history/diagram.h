/* SPDX-License-Identifier: MIT */
/*
 * A history as a picture for people: a line for each thread, time to the right
 * in the order of events.
 *
 *	thread 0  |-lock()-|  |-unlock()--|
 *	thread 1     |-lock()---------------...stuck
 */
#ifndef DIAGRAM_H
#define DIAGRAM_H

#include <stdio.h>

#include "model.h"

/* "timedlock(30 us)=busy" */
void diagram_op(const struct model *m, const struct op *op, char *text,
		size_t size);

/* In at most so many columns; longer ones go on below. */
void diagram_print(const struct model *m, const struct history *h,
		   unsigned columns, FILE *out);

#endif
