/* SPDX-License-Identifier: MIT */
#ifndef PRELOAD_BARRIER_H
#define PRELOAD_BARRIER_H

#include "calls.h"

/* Answer them with the chosen implementation. */
void barrier_answer(struct calls *table);

#endif
