/* SPDX-License-Identifier: MIT */
#ifndef PRELOAD_SEMAPHORE_H
#define PRELOAD_SEMAPHORE_H

#include "calls.h"

/* Answer them with the chosen implementation. */
void semaphore_answer(struct calls *table);

#endif
