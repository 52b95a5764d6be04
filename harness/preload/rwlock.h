/* SPDX-License-Identifier: MIT */
#ifndef PRELOAD_RWLOCK_H
#define PRELOAD_RWLOCK_H

#include "calls.h"

/* Answer them with the chosen implementation. */
void rwlock_answer(struct calls *table);

#endif
