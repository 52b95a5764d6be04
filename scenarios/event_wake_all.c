/* SPDX-License-Identifier: MIT */
/*
 * One event lets all waiters go; the last of them to come back says so with
 * another one. Two start events take turns: the next one is cleared while
 * nobody can be at it.
 *
 * Worker 0 wakes, and decides when the window is over: it then wakes them all
 * once more, so nobody is left waiting. A waiter that has not got back to its
 * wait yet when the event is set finds it set: that is part of the cost.
 */
#include "../primitives/event.h"
#include "_kit.h"

struct state {
	const struct event_impl *impl;
	void *start[2], *back;
	/* Plain: written before a start, read after it. */
	uint64_t round;
	bool over;
	_Atomic uint32_t missing __attribute__((aligned(2 * CACHE_LINE)));
} __attribute__((aligned(2 * CACHE_LINE)));

static bool make(struct cell *c, struct state *s, void **event)
{
	*event = cell_object(c->implementation);
	return !s->impl->init || kit_ok(c, "init", s->impl->init(*event));
}

static bool setup(struct cell *c)
{
	struct state *s = c->state = cell_alloc(sizeof(*s));

	s->impl = (const void *)c->implementation->id;
	return make(c, s, &s->start[0]) && make(c, s, &s->start[1]) &&
	       make(c, s, &s->back);
}

static void start_round(struct worker *w, struct state *s)
{
	const struct event_impl *impl = s->impl;
	uint64_t round = ++s->round;

	impl->clear(s->back);
	impl->clear(s->start[(round + 1) % 2]);
	/* relaxed: set publishes it */
	atomic_store_explicit(&s->missing, w->cell->n_workers - 1,
			      memory_order_relaxed);
	impl->set(s->start[round % 2]);
}

static void wake(struct worker *w, struct state *s)
{
	while (worker_next(w)) {
		uint64_t start = worker_start(w);

		start_round(w, s);
		s->impl->wait(s->back);
		worker_end(w, start);
		worker_count(w, 1);
		w->violations +=
			atomic_load_explicit(&s->missing,
					     memory_order_relaxed) != 0;
	}
	s->over = true;
	start_round(w, s);
}

static void wait(struct worker *w, struct state *s)
{
	w->auxiliary = true; /* the waker counts */
	for (uint64_t round = 1;; round++) {
		s->impl->wait(s->start[round % 2]);
		worker_next(w); /* only to notice the phases */
		w->violations += s->round != round;
		if (s->over)
			return;
		w->checksum++;
		/* acq_rel: that the others have read round happens before the
		 * last one's set, and so before the waker writes it again */
		if (atomic_fetch_sub_explicit(&s->missing, 1,
					      memory_order_acq_rel) == 1)
			s->impl->set(s->back);
	}
}

static void work(struct worker *w)
{
	if (w->index == 0)
		wake(w, w->cell->state);
	else
		wait(w, w->cell->state);
}

SCENARIO(.name = "event_wake_all", .kind = "event", .bound = BOUND_MICRO,
	 .brief = "one set that wakes threads - 1 waiters, until all are back",
	 .models = "trading threads that wait for the market's opening bell",
	 .skip = kit_skip_alone, .setup = setup, .work = work,
	 .verify = kit_verify_rounds);
