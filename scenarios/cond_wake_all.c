/* SPDX-License-Identifier: MIT */
/*
 * One broadcast wakes all waiters; the last of them to start waiting again lets
 * the waker go on. A waiter counts itself and waits again in one section, so
 * every broadcast finds all of them waiting.
 *
 * Worker 0 wakes, and decides when the window is over: it then wakes them all
 * once more, so nobody is left waiting.
 */
#include "../primitives/cond.h"
#include "_kit.h"

struct state {
	const struct cond_impl *impl;
	struct guard guard;
	void *start, *back;
	/* Plain: guarded by the mutex. */
	uint64_t round;
	unsigned missing;
	bool over;
};

static bool make(struct cell *c, struct state *s, void **cond)
{
	*cond = cell_object(c->implementation);
	return !s->impl->init || kit_ok(c, "init", s->impl->init(*cond));
}

static bool setup(struct cell *c)
{
	struct state *s = c->state = cell_alloc(sizeof(*s));

	s->impl = (const void *)c->implementation->id;
	return kit_guard(c, &s->guard) && make(c, s, &s->start) &&
	       make(c, s, &s->back);
}

/* With the mutex held. */
static void start_round(struct worker *w, struct state *s)
{
	s->round++;
	s->missing = w->cell->n_workers - 1;
	s->impl->broadcast(s->start);
}

static void wake(struct worker *w, struct state *s, const struct guard *g)
{
	while (worker_next(w)) {
		uint64_t start = worker_start(w);

		start_round(w, s);
		while (s->missing)
			s->impl->wait(s->back, g);
		worker_end(w, start);
		worker_count(w, 1);
	}
	s->over = true;
	start_round(w, s);
}

static void wait(struct worker *w, struct state *s, const struct guard *g)
{
	uint64_t round = 0;

	w->auxiliary = true; /* the waker counts */
	for (;;) {
		while (s->round == round)
			s->impl->wait(s->start, g);
		worker_next(w); /* only to notice the phases */
		w->violations += s->round != ++round;
		if (s->over)
			return;
		w->checksum++;
		if (--s->missing == 0)
			s->impl->signal(s->back, 1);
	}
}

static void work(struct worker *w)
{
	struct state *s = w->cell->state;
	struct guard g = kit_own_guard(&s->guard);

	guard_acquire(&g, 1);
	if (w->index == 0)
		wake(w, s, &g);
	else
		wait(w, s, &g);
	guard_release(&g);
}

SCENARIO(.name = "cond_wake_all", .kind = "cond", .bound = BOUND_MICRO,
	 .brief = "one broadcast to threads - 1 waiters, until all wait again",
	 .models =
		 "the time step of a simulation that wakes its worker threads",
	 .skip = kit_skip_alone, .setup = setup, .work = work,
	 .verify = kit_verify_rounds);
