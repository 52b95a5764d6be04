/* SPDX-License-Identifier: MIT */
/*
 * Laws under perturbed schedules: random delays, and PCT.
 */
#include "detector.h"

static void settle(struct settings *s)
{
	/* three to one: of the gallery's bugs delays find far more in a run */
	s->perturbation.strategy =
		s->seed % 4 == 1 ? PERTURB_PCT : PERTURB_RANDOM;
	s->perturbation.seed = s->seed;
	s->effort = 0.01;
}

DETECTOR(perturb, .name = "perturb", .build = "perturb", .rank = 50,
	 .brief = "laws with delays at random accesses, and under random "
		  "priorities",
	 .settle = settle);
