/* SPDX-License-Identifier: MIT */
/*
 * Laws on real threads in bad company: several of the conditions that a system
 * may impose at any time, drawn anew for each run.
 */
#include "detector.h"
#include "stressors.h"

static void settle(struct settings *s)
{
	/* bits of the seed, the low ones first: every mix within 16 runs */
	s->stressors =
		(unsigned)(s->seed % 16) &
		(STRESS_ONE_CPU | STRESS_HOGS | STRESS_SIGNALS | STRESS_AGED);
	s->effort = 0.1;
}

static void run(const struct registration *r, const struct budget *b,
		struct finding *f)
{
	hunt_laws(r, b, settle, f);
}

DETECTOR(.name = "stress", .build = "native", .rank = 20,
	 .brief = "laws on one CPU, among busy threads, with signals, near "
		  "wrap-around",
	 .run = run);
