/* SPDX-License-Identifier: MIT */
/*
 * The same number of threads, come to in two ways: from below, one thread more
 * at a time, or from twice as many, of which one after another stops. Where the
 * two rates differ the mutex is bistable: once in a jam, it stays in it.
 *
 * Source: golang/go issue 33747, a fairness fix after which the throughput
 * collapsed past some 28 workers.
 *
 * There are twice as many threads either way; those that are not to work sleep.
 * All changes are to be over before the window begins. Where one is late, its
 * thread has not taken part in all of the window, and overlap says so: the row
 * does not count. A thread stops when it has the CPU, so with N threads on P
 * CPUs the ramp must outlast 2N/P time slices, of 3 ms each or so.
 */
#include "_roles.h"

enum { UP, DOWN };

static const char *skip(const struct cell *c)
{
	return c->threads > THREADS_MAX / 2 ? "starts twice the threads: at "
					      "most 128"
					    : NULL;
}

static unsigned workers(const struct cell *c)
{
	return 2 * c->threads;
}

/* The worker's own change is due by then: evenly over change_ms, in order. */
static uint64_t change_at(const struct worker *w)
{
	unsigned threads = w->cell->threads;
	unsigned place = w->index % threads;

	return w->turn.first_ns +
	       cell_param(w->cell, "change_ms") * NS_PER_MS * place / threads;
}

/* From here on the thread is what it is to be in the window. */
static void changed(struct worker *w)
{
	w->turn.first_ns = now_ns();
}

static void operate(struct worker *w, uint64_t until)
{
	struct roles *r = w->cell->state;
	uint64_t cs_ns = cell_param(w->cell, "cs_ns");
	uint64_t ncs_ns = cell_param(w->cell, "ncs_ns");

	roles_enter(w);
	while (!deadline_passed(until) && worker_next(w)) {
		roles_section(r, w, cs_ns);
		work_ns(ncs_ns);
	}
	roles_leave(w);
}

/* One of those that are to work in the window. */
static void stay(struct worker *w, bool up)
{
	struct timespec t = deadline_timespec(change_at(w));

	if (up) {
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
		changed(w);
	}
	operate(w, DEADLINE_NEVER);
}

static void work(struct worker *w)
{
	bool up = cell_param(w->cell, "direction") == UP;

	if (w->index < w->cell->threads) {
		stay(w, up);
		return;
	}
	w->auxiliary = true;
	if (!up) {
		operate(w, change_at(w));
		changed(w);
	}
	sit_out(w);
}

SCENARIO(
	.name = "mutex_ramp_direction",
	.kind = "mutex",
	.bound = BOUND_MICRO,
	.brief = "one section, after the threads have grown or shrunk in number",
	.models = "a pool of workers that grows at dawn and shrinks at dusk",
	.params = {
		{ "direction", UP, UP, DOWN, "0 from fewer, 1 from twice" },
		{ "change_ms", 10, 0, 10000, "to the number; within the ramp" },
		{ "cs_ns", 200, 0, NS_PER_S, "work inside the section" },
		{ "ncs_ns", 200, 0, NS_PER_S, "work outside" },
	},
	.skip = skip,
	.workers = workers,
	.setup = roles_setup,
	.work = work,
	.verify = roles_verify);
