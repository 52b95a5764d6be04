/* SPDX-License-Identifier: MIT */
#ifndef PRELOAD_ONCE_H
#define PRELOAD_ONCE_H

#include "calls.h"

/* Answer them with the chosen implementation. */
void once_answer(struct calls *table);

/* In the child of a fork: what another thread was running is as if never
 * called. */
void once_forget_others(void);

#endif
