/* SPDX-License-Identifier: MIT */
/*
 * Laws under AddressSanitizer and UndefinedBehaviorSanitizer.
 */
#include "detector.h"

static void settle(struct settings *s)
{
	s->effort = s->seed % 2 ? 1 : 0.1;
}

static void run(const struct registration *r, const struct budget *b,
		struct finding *f)
{
	hunt_laws(r, b, settle, f);
}

DETECTOR(.name = "asan", .build = "asan", .rank = 90,
	 .brief = "use after free and undefined behaviour, under sanitizers",
	 .run = run);
