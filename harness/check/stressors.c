/* SPDX-License-Identifier: MIT */
#include "stressors.h"

void stressors_begin(unsigned set, uint64_t seed)
{
	(void)set, (void)seed;
}

void stressors_describe(unsigned set, char *text, size_t size)
{
	(void)set;
	if (size)
		text[0] = '\0';
}

unsigned fail_allocation(unsigned n)
{
	return n;
}

unsigned fail_thread(unsigned n)
{
	return n;
}
