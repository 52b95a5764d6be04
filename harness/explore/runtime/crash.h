/* SPDX-License-Identifier: MIT */
#ifndef CRASH_H
#define CRASH_H

/* From here on a fault on a fiber is a violation, and a first write to globals
 * is noted (memory.c). */
void crash_start(void);

#endif
