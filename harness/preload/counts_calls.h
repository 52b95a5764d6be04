/* SPDX-License-Identifier: MIT */
/*
 * Calls, counted: what a program really used, also where its objects were never
 * initialised by a call. Only where counts are asked for, since it costs an
 * addition to a word that all threads share.
 */
#ifndef COUNTS_CALLS_H
#define COUNTS_CALLS_H

#include "calls.h"

/* Put it above the answers, if counts are asked for. */
void counts_calls_answer(struct calls *table);

#endif
