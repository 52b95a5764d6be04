/* SPDX-License-Identifier: MIT */
#include "symmetry.h"

#include "engine.h"
#include "options.h"

static const struct event *creation(const struct graph *g, unsigned thread)
{
	eid id = g->created[thread];

	return id == NOTHING ? NULL : &g->events[id];
}

/* Made by the same thread, with nothing but more of them in between. */
static bool made_together(const struct graph *g, unsigned low, unsigned high)
{
	const struct event *a = creation(g, low), *b = creation(g, high);

	if (!a || !b || a->thread != b->thread || a->index >= b->index)
		return false;
	for (unsigned i = a->index; i < b->index; i++) {
		const struct event *e = graph_event(g, a->thread, i);

		if (e->op.kind != OP_CREATE ||
		    threads[e->read].start != threads[high].start ||
		    threads[e->read].argument != threads[high].argument)
			return false;
	}
	return true;
}

/* Both read from the same write, or each from its own of the same number. */
static bool same_source(const struct graph *g, const struct event *x,
			const struct event *y)
{
	const struct event *v, *w;

	if (x->rf == y->rf)
		return true;
	if (x->rf == NOTHING || y->rf == NOTHING)
		return false;
	v = &g->events[x->rf];
	w = &g->events[y->rf];
	return v->thread == x->thread && w->thread == y->thread &&
	       v->index == w->index;
}

static bool same_prefix(const struct graph *g, const struct event *r,
			const struct event *other)
{
	for (unsigned i = 0; i < r->index; i++) {
		const struct event *x = graph_event(g, r->thread, i);
		const struct event *y = graph_event(g, other->thread, i);

		if (x->op.kind != y->op.kind || x->op.pc != y->op.pc ||
		    x->flags != y->flags || !same_source(g, x, y) ||
		    (x->op.kind == OP_CHOICE && x->read != y->read))
			return false;
	}
	return true;
}

bool symmetry_mirrors(const struct graph *g, const struct event *r,
		      const struct event *other)
{
	return page->symmetry && other->thread < r->thread &&
	       other->index == r->index && other->op.pc == r->op.pc &&
	       made_together(g, other->thread, r->thread) &&
	       same_prefix(g, r, other);
}
