/* SPDX-License-Identifier: MIT */
/*
 * Threads take one of a few mutexes, work inside, work outside, repeat.
 */
#include "scenario.h"

static bool setup(struct cell *c)
{
	return sections_setup(c,
			      &(struct sections){
				      .locks = (unsigned)cell_param(c, "locks"),
				      .lines = (unsigned)cell_param(c, "lines"),
				      .cs_ns = cell_param(c, "cs_ns"),
				      .ncs_ns = cell_param(c, "ncs_ns"),
				      .write_percent = 100,
				      .permits = 1,
			      });
}

SCENARIO(
	.name = "mutex_contended",
	.kind = "mutex",
	.bound = BOUND_MICRO,
	.brief = "one critical section of set length",
	.models = "threads of a server that share a table under a lock",
	.params = {
		{ "cs_ns", 50, 0, NS_PER_S, "work inside the section" },
		{ "ncs_ns", 50, 0, NS_PER_S, "work outside" },
		{ "lines", 1, 1, 1024, "cache lines written inside" },
		{ "locks", 1, 1, 1 << 20, "mutexes to choose from" },
	},
	.setup = setup,
	.work = sections_work,
	.verify = sections_verify);
