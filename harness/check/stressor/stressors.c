/* SPDX-License-Identifier: MIT */
/*
 * The set of stressors: what begins when, and how it is called.
 */
#include "stressors.h"

#include <stdio.h>
#include <string.h>

#include "../../../primitives/sync.h"
#include "../../kit/cpu.h"
#include "chance.h"
#include "faults.h"

/* Hogs for ever would turn a slow law into a hung one. */
#define HOGS_NS (200 * NS_PER_MS)

void stressors_begin(unsigned set, uint64_t seed)
{
	const struct futex_faults f = {
		.spurious = set & STRESS_FUTEX,
		.late_wake = set & STRESS_LATE_WAKE,
		.sleepy = set & STRESS_SLEEPY,
	};

	chance_seed(seed);
	/* hogs belong to the CPUs of all: before the threads share one */
	if (set & STRESS_HOGS)
		hogs_begin(deadline_in(HOGS_NS));
	if (set & STRESS_SIGNALS)
		signals_begin();
	if (set & STRESS_ONE_CPU)
		cpu_pin((unsigned)chance(cpu_count()));
	if (f.spurious || f.late_wake || f.sleepy)
		futex_faults_begin(&f);
	if (set & STRESS_SPURIOUS)
		cond_faults_begin();
	if (set & STRESS_SLEEPY)
		sleepy_starts_begin();
}

void stressors_describe(unsigned set, char *text, size_t size)
{
	static const char *const names[] = {
		"one CPU", "hogs",	 "signals",	     "aged",
		"futex",   "late wakes", "spurious returns", "sleepy",
	};
	size_t used = 0;

	if (size)
		text[0] = '\0';
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(set & 1u << i) || used >= size)
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 used ? ", " : "", names[i]);
	}
}
