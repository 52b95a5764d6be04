/* SPDX-License-Identifier: MIT */
#include "cpu.h"

#include <sched.h>

unsigned cpu_count(void)
{
	cpu_set_t allowed;

	return sched_getaffinity(0, sizeof(allowed), &allowed)
		       ? 1
		       : (unsigned)CPU_COUNT(&allowed);
}

void cpu_pin(unsigned n)
{
	cpu_set_t allowed, one;
	int cpu = -1;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return;
	for (unsigned left = n % (unsigned)CPU_COUNT(&allowed) + 1; left;
	     left--)
		while (!CPU_ISSET(++cpu, &allowed))
			;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}
