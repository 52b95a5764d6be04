/* SPDX-License-Identifier: MIT */
/*
 * Laws under ThreadSanitizer of clang.
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

DETECTOR(.name = "tsan-clang", .build = "tsan-clang", .rank = 80,
	 .brief = "data races, under ThreadSanitizer of clang", .run = run);
