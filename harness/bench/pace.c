/* SPDX-License-Identifier: MIT */
#include "pace.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A sleeper wakes up late, by some 15 us at best on a virtual machine even with
 * no timer slack: it spins the last of the wait, if there is a CPU for each. */
static const uint64_t SPIN_NS = 50 * NS_PER_US;

/* Who sleeps may overlook for so long that the window has ended; no futex on
 * the phase, which would be among the system calls that are counted. */
static const uint64_t SLEEP_NS = 10 * NS_PER_MS;

/* An open window that falls further behind its rate says so, unless that may
 * be the chance of its arrivals: three standard deviations. */
static const double ACHIEVED_MIN = 0.95;
static const double CHANCE = 3;

static const _Atomic uint32_t paced = TURN_PACED;

/* How many have done what they had to. */
static _Atomic uint32_t finished;

static uint32_t phase_of(const struct pacer *p)
{
	/* relaxed: its value is all that counts */
	return atomic_load_explicit(p->phase, memory_order_relaxed);
}

/* ---- open ---- */

/* Exponential gaps make a Poisson process: -mean * ln(u), u in (0, 1]. */
static uint64_t gap(struct pacer *p)
{
	p->random ^= p->random << 13;
	p->random ^= p->random >> 7;
	p->random ^= p->random << 17;

	return (uint64_t)(-p->gap_ns *
			  log(ldexp((double)(p->random >> 11) + 1, -53)));
}

/* Pass some of the time that is left. */
static void bide(const struct pacer *p, uint64_t ns)
{
	struct timespec t = { 0 };

	if (ns <= p->spin_ns) {
		cpu_relax();
		return;
	}
	ns -= p->spin_ns;
	t.tv_nsec = (long)(ns < SLEEP_NS ? ns : SLEEP_NS);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

static bool open_next(struct pace *pace, struct turn *t)
{
	struct pacer *p = (struct pacer *)pace;
	uint64_t now = now_ns();

	if (!turn_reach(t, phase_of(p)))
		return false;
	/* 0: worker_start has begun what worker_timed has not seen yet */
	if (p->worker->countdown == 0)
		p->misused = true;
	if (p->worker->auxiliary || p->misused)
		return true;
	if (p->due_ns == 0)
		p->due_ns = now + gap(p);
	/* one that counts as several, such as a batch, uses up their gaps */
	for (; p->asked < t->ops; p->asked++)
		p->due_ns += gap(p);
	for (; now < p->due_ns; now = now_ns()) {
		if (!turn_reach(t, phase_of(p)))
			return false;
		bide(p, p->due_ns - now);
	}
	p->late_ns = now - p->due_ns;
	return turn_reach(t, phase_of(p));
}

/* ---- a number of operations ---- */

static void finish(struct pacer *p)
{
	if (p->finished)
		return;
	p->finished = true;
	/* release: pairs with the acquire in pace_await */
	atomic_fetch_add_explicit(&finished, 1, memory_order_release);
}

static bool ops_next(struct pace *pace, struct turn *t)
{
	struct pacer *p = (struct pacer *)pace;

	if (p->worker->auxiliary) {
		finish(p);
		return turn_reach(t, phase_of(p));
	}
	if (t->ops < p->ops)
		return true;
	if (!t->last_ns)
		t->last_ns = now_ns();
	finish(p);
	return turn_reach(t, DRAIN);
}

bool pace_by_ops(const struct window_plan *plan)
{
	return plan->mode == FIXED || plan->mode == UNSYNCED;
}

void pace_await(unsigned n)
{
	const struct timespec ms = { .tv_nsec = (long)NS_PER_MS };

	while (atomic_load_explicit(&finished, memory_order_acquire) < n)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &ms, NULL);
}

void pace_edges(const struct cell *c, uint64_t *from, uint64_t *to)
{
	*from = UINT64_MAX;
	*to = 0;
	for (unsigned i = 0; i < c->n_workers; i++) {
		const struct worker *w = &c->workers[i];

		if (w->auxiliary)
			continue;
		if (w->turn.first_ns < *from)
			*from = w->turn.first_ns;
		if (w->turn.last_ns > *to)
			*to = w->turn.last_ns;
	}
}

/* ---- both ---- */

static unsigned cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0
		       ? (unsigned)CPU_COUNT(&set)
		       : 1;
}

void pace_worker(struct worker *w, const struct window_plan *plan,
		 unsigned workers)
{
	struct pacer *p;

	if (plan->mode != OPEN && !pace_by_ops(plan))
		return;
	p = w->recorder->pacer = cell_alloc(sizeof(*p));
	*p = (struct pacer){
		.pace = { plan->mode == OPEN ? open_next : ops_next },
		.worker = w,
		.phase = w->turn.phase,
		.gap_ns = plan->mode == OPEN ? (double)NS_PER_S * workers /
						       (double)plan->rate_per_s
					     : 0,
		.spin_ns = workers <= cpus() ? SPIN_NS : 0,
		.random = worker_random(w) | 1,
		.ops = plan->ops,
	};
	w->turn.phase = &paced;
	w->turn.pace = &p->pace;
	if (pace_by_ops(plan))
		w->turn.seen = MEASURE; /* from the first operation on */
}

void pace_left(struct worker *w)
{
	if (w->recorder->pacer)
		finish(w->recorder->pacer);
}

static void append_note(struct window_result *r, const char *text)
{
	size_t n = strlen(r->note);

	snprintf(r->note + n, sizeof(r->note) - n, "%s%s", n ? "; " : "", text);
}

/* Does the scenario ask before its operations and time each of them? */
static bool has_open_form(const struct cell *c, const struct window_result *r)
{
	for (unsigned i = 0; i < c->n_workers; i++)
		if (c->workers[i].recorder->pacer->misused)
			return false;
	return r->ops == 0 || r->service.total > 0;
}

static void open_figures(const struct cell *c, const struct window_plan *plan,
			 struct window_result *r)
{
	double seconds = (double)r->window_ns / (double)NS_PER_S;
	double due = (double)plan->rate_per_s * seconds, done = (double)r->ops;
	char text[100];

	if (!has_open_form(c, r)) {
		r->skipped = true;
		snprintf(r->why, sizeof(r->why),
			 "%s has no open form: its threads do not wait between "
			 "operations that they time",
			 c->scenario->name);
		return;
	}
	if (done >= ACHIEVED_MIN * due || done >= due - CHANCE * sqrt(due))
		return;
	snprintf(text, sizeof(text),
		 "fell behind its schedule: %.4g of %llu operations/s",
		 done / seconds, (unsigned long long)plan->rate_per_s);
	append_note(r, text);
}

/* As naive harnesses have it: the sum of each thread's own rate. */
static void unsynced_figures(const struct cell *c, struct window_result *r)
{
	double rate = 0;

	for (unsigned i = 0; i < c->n_workers; i++) {
		const struct worker *w = &c->workers[i];
		uint64_t own = w->turn.last_ns - w->turn.first_ns;

		if (!w->auxiliary && own)
			rate += (double)worker_window_ops(w) / (double)own;
	}
	if (rate > 0)
		r->window_ns = (uint64_t)((double)r->ops / rate);
}

void pace_figures(const struct cell *c, const struct window_plan *plan,
		  struct window_result *r)
{
	if (plan->mode == OPEN)
		open_figures(c, plan, r);
	if (plan->mode == UNSYNCED)
		unsynced_figures(c, r);
}
