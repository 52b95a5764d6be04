/* SPDX-License-Identifier: MIT */
/*
 * How the interposer begins: at the program's first call, or in its constructor
 * if there has been none. Nothing here allocates by malloc, which may be what
 * has called.
 */
#ifndef START_H
#define START_H

#include "calls.h"

/* Start if that has not been done; the table to go on with. */
const struct calls *start_calls(void);

#endif
