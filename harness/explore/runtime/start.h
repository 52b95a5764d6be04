/* SPDX-License-Identifier: MIT */
/*
 * Where the runtime's own output goes: while the program is explored, its
 * stdout and stderr lead nowhere.
 */
#ifndef START_H
#define START_H

#include <stdio.h>

/* stdout and stderr as the command gave them. */
extern FILE *console_out, *console;

/* Both are written out: before fork, and before the end. */
void start_flush(void);

#endif
