/* SPDX-License-Identifier: MIT */
/*
 * What the kernel and the CPU count during a window.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

enum { HARDWARE_COUNTERS = 3 }; /* cycles, instructions, cache misses */

struct counter_figures {
	bool futex_known;
	uint64_t futex_waits, futex_wakes; /* system calls */
	bool hardware_known[HARDWARE_COUNTERS];
	uint64_t hardware[HARDWARE_COUNTERS];
};

#endif
