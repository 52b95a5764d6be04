/* SPDX-License-Identifier: MIT */
/*
 * Threads take a permit, work, give it back; never more inside than permits.
 */
#include "scenario.h"

static bool setup(struct cell *c)
{
	struct sections plan = {
		.locks = 1,
		.lines = 1,
		.cs_ns = cell_param(c, "cs_ns"),
		.ncs_ns = cell_param(c, "ncs_ns"),
		.write_percent = 100,
		.permits = (unsigned)cell_param(c, "permits"),
	};

	return sections_setup(c, &plan);
}

SCENARIO(
	.name = "semaphore_tokens",
	.kind = "semaphore",
	.bound = BOUND_MICRO,
	.brief = "one stay with one of a few permits",
	.models = "request threads that share a pool of database connections",
	.params = {
		{ "permits", 2, 1, 1 << 20, "how many may be inside" },
		{ "cs_ns", 500, 0, NS_PER_S, "work with a permit" },
		{ "ncs_ns", 500, 0, NS_PER_S, "work without" },
	},
	.setup = setup,
	.work = sections_work,
	.verify = sections_verify);
