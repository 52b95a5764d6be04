/* SPDX-License-Identifier: MIT */
/*
 * One thread holds a mutex for long and takes it again at once; the others want
 * it for a moment, now and then.
 *
 * Source: golang/go issue 13086, where the meek thread waited for seconds.
 */
#include "_roles.h"

enum { HOG = 0, MEEK = 1 }; /* the first worker; the first of the others */

static void work(struct worker *w)
{
	struct roles *r = w->cell->state;
	bool hog = w->index == HOG;
	uint64_t hold_ns = hog ? cell_param(w->cell, "hold_us") * NS_PER_US
			       : cell_param(w->cell, "meek_ns");
	uint64_t rest_ns = cell_param(w->cell, "sleep_us") * NS_PER_US;

	roles_enter(w);
	while (worker_next(w)) {
		roles_section(r, w, hold_ns);
		if (!hog)
			kit_sleep(rest_ns);
	}
	roles_leave(w);
}

static bool verify(struct cell *c)
{
	unsigned meeks = c->threads - 1;
	double wait_ns = kit_wait_p50(c, MEEK, meeks);
	double hold_ns = cell_sections(c, HOG, 1).p50_ns;
	double ops = roles_ops(c, HOG, c->threads);

	cell_figure(c, "meek_wait_p50_ns", wait_ns);
	cell_figure(c, "meek_wait_p99_ns",
		    cell_latencies(c, MEEK, meeks).p99_ns);
	cell_figure(c, "hog_hold_p50_ns", hold_ns);
	cell_figure(c, "meek_wait_in_holds", wait_ns / hold_ns);
	cell_figure(c, "meek_share", roles_ops(c, MEEK, meeks) / ops);
	return roles_verify(c);
}

SCENARIO(
	.name = "mutex_hog_meek",
	.kind = "mutex",
	.bound = BOUND_MICRO,
	.brief = "one section, long for the first thread, short for the others",
	.models = "a compacting thread that locks out a server's requests",
	.params = {
		{ "hold_us", 100, 1, 1000000, "the first thread's section" },
		{ "meek_ns", 100, 0, NS_PER_S, "the others' sections" },
		{ "sleep_us", 100, 0, 1000000, "of the others in between" },
	},
	.slow = true,
	.skip = kit_skip_alone,
	.setup = roles_setup,
	.work = work,
	.verify = verify);
