/* SPDX-License-Identifier: MIT */
/*
 * Laws over a kernel that uses all that futex(2) and POSIX leave it: waits that
 * return for no reason, wakes that come at the moment of a deadline.
 */
#include "../stressor/stressors.h"
#include "detector.h"

/* An implementation waits on futexes or on conditions, seldom on both. */
#define NO_REASON (STRESS_FUTEX | STRESS_SPURIOUS)

/* Each alone, then in company; seeds usually begin with 1. */
static const unsigned mixes[] = {
	NO_REASON | STRESS_LATE_WAKE | STRESS_SLEEPY | STRESS_ONE_CPU,
	NO_REASON,
	STRESS_LATE_WAKE,
	STRESS_SLEEPY,
	NO_REASON | STRESS_SLEEPY | STRESS_AGED,
	STRESS_LATE_WAKE | STRESS_ONE_CPU,
	NO_REASON | STRESS_LATE_WAKE | STRESS_SIGNALS,
	STRESS_LATE_WAKE | STRESS_SLEEPY,
};

static void settle(struct settings *s)
{
	s->stressors = mixes[s->seed % (sizeof(mixes) / sizeof(mixes[0]))];
	s->effort = 0.02;
}

DETECTOR(faults, .name = "faults", .build = "native", .rank = 30,
	 .brief = "laws over futexes that wake for no reason, late, or with "
		  "EINTR",
	 .settle = settle);
