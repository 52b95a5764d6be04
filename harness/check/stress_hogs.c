/* SPDX-License-Identifier: MIT */
/*
 * Threads that compute and never yield: the scheduler takes the CPU away from
 * the threads of a trial, at any instruction, for whole time slices.
 */
#include <sched.h>
#include <stdlib.h>

#include "../../primitives/sync.h"
#include "../perturb/perturb.h"
#include "faults.h"
#include "watchdog.h"

static uint64_t busy_until;

static void *hog(void *unused)
{
	watchdog_exempt();
	if (perturb_available())
		perturb_exempt();
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
	cpu_set_t allowed;
	int hogs;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return;
	busy_until = until;
	hogs = 2 * CPU_COUNT(&allowed);
	for (int i = 0; i < hogs; i++)
		if (machinery_create(hog, NULL))
			abort();
}
