/* SPDX-License-Identifier: MIT */
/*
 * What an implementation costs when nobody else is there: the hot loop of
 * primitives/section.h with nothing inside and nothing outside. The one row
 * where that is honest, since there is nobody to take it back from. Of several
 * threads each has one of its own: what they still slow each other down by is
 * the implementation's secret sharing, or the harness's.
 */
#include "scenario.h"

static bool setup(struct cell *c)
{
	struct sections plan = {
		.own = true,
		.lines = 1,
		.write_percent = (unsigned)cell_param(c, "write_percent"),
		.permits = 1,
	};

	return sections_setup(c, &plan);
}

SCENARIO(
	.name = "uncontended",
	.kind = "*",
	.bound = BOUND_MICRO,
	.brief = "one way in and out by the only thread, each with its own",
	.models = "a single-threaded program under a library that locks",
	.params = {
		{ "write_percent", 100, 0, 100, "writers; only for rwlocks" },
	},
	.setup = setup,
	.work = sections_work,
	.verify = sections_verify);
