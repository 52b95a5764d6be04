/* SPDX-License-Identifier: MIT */
/*
 * Laws with a thread stopped right after one of its steps until the others can
 * do no more, a few times in a run: every window of the code is held open.
 */
#include "detector.h"

static void settle(struct settings *s)
{
	s->perturbation.strategy = PERTURB_STALL;
	s->perturbation.seed = s->seed;
	s->effort = 0.01;
}

DETECTOR(preempt, .name = "preempt", .build = "perturb", .rank = 60,
	 .brief = "laws with a thread stopped right after one of its atomic "
		  "steps",
	 .settle = settle);
