/* SPDX-License-Identifier: MIT */
#ifndef PRELOAD_COND_H
#define PRELOAD_COND_H

#include "calls.h"

/* Answer conditions with the chosen implementation. */
void cond_answer(struct calls *table);

#endif
