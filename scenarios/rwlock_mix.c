/* SPDX-License-Identifier: MIT */
/*
 * Threads read or write what one lock guards, in a random mix. Writers write
 * the lines; readers read them and check that no writer is inside.
 */
#include "scenario.h"

static bool setup(struct cell *c)
{
	struct sections plan = {
		.locks = 1,
		.lines = (unsigned)cell_param(c, "lines"),
		.cs_ns = cell_param(c, "cs_ns"),
		.ncs_ns = cell_param(c, "ncs_ns"),
		.write_percent = (unsigned)cell_param(c, "write_percent"),
		.permits = 1,
	};

	return sections_setup(c, &plan);
}

SCENARIO(
	.name = "rwlock_mix",
	.kind = "rwlock",
	.bound = BOUND_MICRO,
	.brief = "one section as a reader or, now and then, as the writer",
	.models = "a router's table: read for each packet, rarely changed",
	.params = {
		{ "write_percent", 10, 0, 100, "sections that write" },
		{ "cs_ns", 200, 0, NS_PER_S, "work inside the section" },
		{ "ncs_ns", 200, 0, NS_PER_S, "work outside" },
		{ "lines", 2, 1, 1024, "cache lines read or written inside" },
	},
	.setup = setup,
	.work = sections_work,
	.verify = sections_verify);
