/* SPDX-License-Identifier: MIT */
/*
 * Two classes of threads, alike but for the length of their sections. A mutex
 * that gives each its turn gives the long class the more of the time: fair in
 * acquisitions is not fair in lock time.
 *
 * Source: Y. Patel et al., "Avoiding Scheduler Subversion using Scheduler-
 * Cooperative Locks" (EuroSys 2020), section 2.
 *
 * The first half of the threads is the short class. Figures of a class are for
 * each of its threads, so that an odd number of threads skews nothing.
 */
#include "_roles.h"

static unsigned n_short(const struct cell *c)
{
	return c->threads / 2;
}

static void work(struct worker *w)
{
	struct cell *c = w->cell;
	bool is_long = w->index >= n_short(c);
	uint64_t ncs_ns = cell_param(c, "ncs_ns");
	uint64_t cs_ns =
		cell_param(c, "cs_ns") * (is_long ? cell_param(c, "ratio") : 1);

	roles_enter(w);
	while (kit_next_on_cpu(w)) {
		roles_section(c->state, w, cs_ns);
		work_ns(ncs_ns);
	}
	roles_leave(w);
}

/* Jain's index of the acquisitions, over all threads. */
static double jain(const struct cell *c)
{
	double sum = 0, squares = 0;

	for (unsigned i = 0; i < c->threads; i++) {
		double ops = roles_ops(c, i, 1);

		sum += ops;
		squares += ops * ops;
	}
	return sum * sum / (c->threads * squares);
}

static double cpu_ns(const struct cell *c, unsigned first, unsigned n)
{
	double sum = 0;

	for (unsigned i = first; i < first + n; i++)
		sum += (double)c->workers[i].checksum;
	return sum;
}

/* How much more a thread of the long class has of it. */
static double ratio(const struct cell *c, double longs, double shorts)
{
	unsigned n = n_short(c);

	return shorts > 0 ? longs / (c->threads - n) / (shorts / n) : NAN;
}

static bool verify(struct cell *c)
{
	unsigned n = n_short(c), n_long = c->threads - n;

	cell_figure(c, "hold_time_ratio",
		    ratio(c, cell_sections(c, n, n_long).sum_ns,
			  cell_sections(c, 0, n).sum_ns));
	cell_figure(c, "acquire_ratio",
		    ratio(c, roles_ops(c, n, n_long), roles_ops(c, 0, n)));
	cell_figure(c, "acquire_jain", jain(c));
	cell_figure(c, "cpu_ratio",
		    ratio(c, cpu_ns(c, n, n_long), cpu_ns(c, 0, n)));
	return roles_verify(c);
}

SCENARIO(
	.name = "mutex_classes",
	.kind = "mutex",
	.bound = BOUND_MICRO,
	.brief = "one section, short for half of the threads, long for the rest",
	.models = "a database whose reads and batch updates share a lock",
	.params = {
		{ "cs_ns", 1000, 1, NS_PER_MS, "the short section" },
		{ "ratio", 10, 1, 1000, "of the long section to the short" },
		{ "ncs_ns", 1000, 0, NS_PER_S, "work outside" },
	},
	.slow = true,
	.skip = kit_skip_alone,
	.setup = roles_setup,
	.work = work,
	.verify = verify);
