/* SPDX-License-Identifier: MIT */
/*
 * Threads lock the buckets of a table while others burn CPU time beside them
 * and lock nothing: a holder loses its CPU to those, and a waiter that spins
 * keeps it from coming back.
 *
 * Source: the hash table with a busy co-runner of FlexGuard (SOSP 2025),
 * section 5.2. CPU time per operation includes that of the co-runners.
 */
#include "_kit.h"

enum { SPINNERS_MAX = 16, BURN_NS = 1000 };

static unsigned workers(const struct cell *c)
{
	return c->threads + (unsigned)cell_param(c, "spinners");
}

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

static void work(struct worker *w)
{
	if (w->index < w->cell->threads) {
		sections_work(w);
		return;
	}
	w->auxiliary = true;
	while (kit_next_on_cpu(w))
		work_ns(BURN_NS);
}

static bool verify(struct cell *c)
{
	double cpu_ns = 0;

	for (unsigned i = c->threads; i < c->n_workers; i++)
		cpu_ns += (double)c->workers[i].checksum;
	cell_figure(c, "co_runner_cpus", cpu_ns / (double)c->window_ns);
	return sections_verify(c);
}

SCENARIO(
	.name = "mutex_co_runner",
	.kind = "mutex",
	.bound = BOUND_MICRO,
	.brief = "one section in a random bucket, beside threads that compute",
	.models = "a server's hash table on a machine with batch jobs",
	.params = {
		{ "spinners", 2, 0, SPINNERS_MAX, "threads that only compute" },
		{ "locks", 64, 1, 1 << 20, "buckets, each with its mutex" },
		{ "lines", 2, 1, 1024, "cache lines written inside" },
		{ "cs_ns", 50, 0, NS_PER_S, "work inside the section" },
		{ "ncs_ns", 50, 0, NS_PER_S, "work outside" },
	},
	.workers = workers,
	.setup = setup,
	.work = work,
	.verify = verify);
