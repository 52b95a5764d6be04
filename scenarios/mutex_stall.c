/* SPDX-License-Identifier: MIT */
/*
 * A section that is short but for a stall every so many operations. In a closed
 * loop (mode throughput) few requests meet a stall, since nobody asks while all
 * wait; those of a schedule (mode open) go on to arrive, and the queue behind
 * the stall is in their percentiles.
 *
 * Source: "coordinated omission" of G. Tene; the stall of 200 ms every 500
 * requests is from 0x3f.blog: p99 of 1 ms in a closed loop, of 195 ms in an
 * open one.
 *
 * In a closed loop each thread meets each stall once: with N threads the share
 * of N / stall_every of the operations does.
 *
 * What is timed is the whole operation, as a client of the service sees it.
 */
#include "_roles.h"

struct stalls {
	struct roles roles;
	/* Guarded by the mutex; those within the window. */
	uint64_t count, sum_ns;
};

static bool setup(struct cell *c)
{
	return roles_make(c, sizeof(struct stalls));
}

/* Off the CPU, as in a page fault or a write that blocks. */
static void stall(struct stalls *s, const struct worker *w, uint64_t ns)
{
	uint64_t start = now_ns();

	kit_sleep(ns);
	if (w->turn.seen != MEASURE)
		return;
	s->count++;
	s->sum_ns += now_ns() - start;
}

static void work(struct worker *w)
{
	struct stalls *s = w->cell->state;
	struct roles *r = &s->roles;
	uint64_t cs_ns = cell_param(w->cell, "cs_ns");
	uint64_t every = cell_param(w->cell, "stall_every");
	uint64_t stall_ns = cell_param(w->cell, "stall_us") * NS_PER_US;

	roles_enter(w);
	while (worker_next(w)) {
		uint64_t start = worker_start(w);
		uint64_t before = roles_lock(r, w);

		work_ns(cs_ns);
		if ((before + 1) % every == 0)
			stall(s, w, stall_ns);
		roles_unlock(r, w, before);
		worker_end(w, start);
		worker_count(w, 1);
	}
	roles_leave(w);
}

static bool verify(struct cell *c)
{
	const struct stalls *s = c->state;

	cell_figure(c, "stalls_count", (double)s->count);
	if (s->count)
		cell_figure(c, "stall_us_real",
			    (double)s->sum_ns / (double)s->count /
				    (double)NS_PER_US);
	return roles_verify(c);
}

SCENARIO(
	.name = "mutex_stall",
	.kind = "mutex",
	.bound = BOUND_MICRO,
	.brief = "one section, in which every so often the holder stalls",
	.models = "a service with a lock whose holder runs into a slow disk",
	.params = {
		{ "cs_ns", 100000, 0, NS_PER_S, "work inside the section" },
		{ "stall_every", 500, 1, 1000000000, "operations" },
		{ "stall_us", 200000, 0, 1000000, "the holder then sleeps" },
	},
	.slow = true,
	.setup = setup,
	.work = work,
	.verify = verify);
