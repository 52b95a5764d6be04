/* SPDX-License-Identifier: MIT */
/*
 * Threads that compute and never yield: the scheduler takes the CPU away from
 * the threads of a trial, at any instruction, for whole time slices.
 */
#include <stdlib.h>

#include "../../../primitives/sync.h"
#include "../../kit/cpu.h"
#include "../trial/watchdog.h"
#include "faults.h"

static uint64_t busy_until;

static void *hog(void *unused)
{
	watchdog_exempt();
	while (now_ns() < busy_until)
		for (int i = 0; i < 1000; i++)
			cpu_relax();
	/* it stays: a law may count the threads of its process */
	for (;;)
		pause();
	return unused;
}

void hogs_begin(uint64_t until)
{
	unsigned hogs = 2 * cpu_count();

	busy_until = until;
	for (unsigned i = 0; i < hogs; i++)
		if (machinery_create(hog, NULL))
			abort();
}
