/* SPDX-License-Identifier: MIT */
/*
 * Each law of the contract once, in a plain process.
 */
#include "detector.h"

static void run(const struct registration *r, const struct budget *b,
		struct finding *f)
{
	hunt_laws(r, b, NULL, f);
}

DETECTOR(.name = "laws", .build = "native", .rank = 10,
	 .brief = "each law of the contract once", .run = run);
