/* SPDX-License-Identifier: MIT */
/*
 * A barrier with an action, which the implementations do not have. Operations
 * as in primitives/barrier.h.
 */
#ifndef ROUNDS_H
#define ROUNDS_H

#include "library.h"

struct rounds;

int rounds_make(enum family family, unsigned parties, sl_action *action,
		void *argument, struct rounds **out);
void rounds_free(struct rounds *b);
int rounds_wait(struct rounds *b, uint64_t deadline, unsigned *index);
void rounds_abort(struct rounds *b);
void rounds_reset(struct rounds *b);
unsigned rounds_waiting(struct rounds *b);
bool rounds_broken(struct rounds *b);

#endif
