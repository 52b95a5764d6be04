/* SPDX-License-Identifier: MIT */
/*
 * Equal threads, of which the scheduler disregards the first: nice +19. What a
 * mutex gives it then is the mutex's own idea of fairness. Says something only
 * with more threads than CPUs.
 *
 * Source: WebKit bug 28127 as told in "Locking in WebKit" (2016): 50 threads,
 * sections of 50 us, one thread of low priority.
 */
#include "_roles.h"

#include <sys/resource.h>

enum { LOW = 0, NICENESS = 19 };

static void work(struct worker *w)
{
	struct roles *r = w->cell->state;
	uint64_t cs_ns = cell_param(w->cell, "cs_ns");
	uint64_t ncs_ns = cell_param(w->cell, "ncs_ns");

	if (w->index == LOW &&
	    setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS) != 0)
		cell_fail(w->cell, "nice +%d: %s", NICENESS, strerror(errno));
	roles_enter(w);
	while (worker_next(w)) {
		roles_section(r, w, cs_ns);
		work_ns(ncs_ns);
	}
	roles_leave(w);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_of_others(const struct cell *c)
{
	double ops[THREADS_MAX] = { 0 };
	unsigned n = 0;

	for (unsigned i = LOW + 1; i < c->threads; i++)
		ops[n++] = roles_ops(c, i, 1);
	qsort(ops, n, sizeof(ops[0]), ascending);
	return (ops[n / 2] + ops[(n - 1) / 2]) / 2;
}

static bool verify(struct cell *c)
{
	double median = median_of_others(c);

	if (median > 0)
		cell_figure(c, "low_share", roles_ops(c, LOW, 1) / median);
	cell_figure(c, "low_wait_p50_ns", kit_wait_p50(c, LOW, 1));
	cell_figure(c, "others_wait_p50_ns",
		    kit_wait_p50(c, LOW + 1, c->threads - 1));
	return roles_verify(c);
}

SCENARIO(
	.name = "mutex_priority",
	.kind = "mutex",
	.bound = BOUND_MICRO,
	.brief = "one section, by equal threads of which the first is nice +19",
	.models = "a browser's background thread that shares a lock with others",
	.params = {
		{ "cs_ns", 50000, 0, NS_PER_S, "work inside the section" },
		{ "ncs_ns", 1000, 0, NS_PER_S, "work outside" },
	},
	.slow = true,
	.skip = kit_skip_alone,
	.setup = roles_setup,
	.work = work,
	.verify = verify);
