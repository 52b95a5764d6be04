/* SPDX-License-Identifier: MIT */
/*
 * As mutex_contended, with a mutex that knows its owner: what that costs.
 */
#include "scenario.h"

static bool setup(struct cell *c)
{
	struct sections plan = {
		.locks = (unsigned)cell_param(c, "locks"),
		.lines = (unsigned)cell_param(c, "lines"),
		.cs_ns = cell_param(c, "cs_ns"),
		.ncs_ns = cell_param(c, "ncs_ns"),
		.write_percent = 100,
		.permits = 1,
	};

	return sections_setup(c, &plan);
}

SCENARIO(
	.name = "recursive_mutex_contended",
	.kind = "recursive_mutex",
	.bound = BOUND_MICRO,
	.brief = "one critical section of set length",
	.models = "threads that call the synchronized methods of one object",
	.params = {
		{ "cs_ns", 50, 0, NS_PER_S, "work inside the section" },
		{ "ncs_ns", 50, 0, NS_PER_S, "work outside" },
		{ "lines", 1, 1, 1024, "cache lines written inside" },
		{ "locks", 1, 1, 1 << 20, "mutexes to choose from" },
	},
	.setup = setup,
	.work = sections_work,
	.verify = sections_verify);
