/* SPDX-License-Identifier: MIT */
/*
 * The same hot loop twice: with the mutex compiled into it, and through the
 * table of pointers that scenarios with longer operations use. The difference
 * is what the table costs them.
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
		.permits = 1,
		.table = cell_param(c, "table"),
	};

	return sections_setup(c, &plan);
}

SCENARIO(
	.name = "dispatch",
	.kind = "mutex",
	.bound = BOUND_MICRO,
	.brief = "one section, the mutex inlined or called through a table",
	.models = "a program that chooses its mutex when it starts",
	.params = {
		{ "table", 0, 0, 1, "0 inlined, 1 through pointers" },
		{ "cs_ns", 0, 0, NS_PER_S, "work inside the section" },
		{ "ncs_ns", 0, 0, NS_PER_S, "work outside" },
	},
	.setup = setup,
	.work = sections_work,
	.verify = sections_verify);
