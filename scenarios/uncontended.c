/* SPDX-License-Identifier: MIT */
/*
 * What an implementation costs when nobody else is there: the hot loop of
 * primitives/section.h with nothing inside and nothing outside. The one row
 * where that is honest, since there is nobody to take it back from.
 */
#include "scenario.h"

static const char *skip(const struct cell *c)
{
	return c->threads > 1 ? "with 2 threads it would be contended" : NULL;
}

static bool setup(struct cell *c)
{
	struct sections plan = {
		.locks = 1,
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
	.brief = "one way in and out by the only thread",
	.models = "a single-threaded program under a library that locks",
	.params = {
		{ "write_percent", 100, 0, 100, "writers; only for rwlocks" },
	},
	.skip = skip,
	.setup = setup,
	.work = sections_work,
	.verify = sections_verify);
