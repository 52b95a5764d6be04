/* SPDX-License-Identifier: MIT */
#ifndef PRELOAD_SPIN_H
#define PRELOAD_SPIN_H

#include "calls.h"

/* Answer them with the chosen implementation. */
void spin_answer(struct calls *table);

/* Around a fork: the table is whole. */
void spins_close(void);
void spins_open(void);

#endif
