/* SPDX-License-Identifier: MIT */
/*
 * Laws on real threads in bad company: one of the conditions that a system may
 * impose at any time, or several of them.
 */
#include "../stressor/stressors.h"
#include "detector.h"

/* Each alone, then in company; seeds usually begin with 1. */
static const unsigned mixes[] = {
	STRESS_ONE_CPU | STRESS_HOGS | STRESS_SIGNALS | STRESS_AGED,
	STRESS_AGED,
	STRESS_ONE_CPU,
	STRESS_SIGNALS,
	STRESS_HOGS,
	STRESS_ONE_CPU | STRESS_SIGNALS | STRESS_AGED,
	STRESS_ONE_CPU | STRESS_HOGS,
	STRESS_HOGS | STRESS_SIGNALS | STRESS_AGED,
	STRESS_ONE_CPU | STRESS_AGED,
};

static void settle(struct settings *s)
{
	s->stressors = mixes[s->seed % (sizeof(mixes) / sizeof(mixes[0]))];
	s->effort = 0.02;
}

DETECTOR(stress, .name = "stress", .build = "native", .rank = 20,
	 .brief = "laws on one CPU, among busy threads, with signals, near "
		  "wrap-around",
	 .settle = settle);
