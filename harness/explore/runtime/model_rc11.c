/* SPDX-License-Identifier: MIT */
/*
 * RC11: psc is acyclic.
 *
 *	scb      = po u po|!=loc;hb;po|!=loc u hb|loc u co u fr
 *	psc_base = ([Esc] u [Fsc];hb?) ; scb ; ([Esc] u hb?;[Fsc])
 *	psc_F    = [Fsc] ; (hb u hb;eco;hb) ; [Fsc]
 *	psc      = psc_base u psc_F
 *
 * Source: O. Lahav, V. Vafeiadis, J. Kang, C.-K. Hur, D. Dreyer, "Repairing
 * sequential consistency in C/C++11" (PLDI 2017), section 4.
 *
 * Nothing happens after the event that was added, so without seq_cst fences a
 * new cycle goes through it, and leaves it by co or fr: one that is the last in
 * co or reads from it cannot close any. With fences, the write that was put
 * before another may be in the middle of psc_F.
 */
#include <string.h>

#include "model.h"

enum { SC_MAX = EVENTS_MAX };

static const struct graph *g;
static eid sc[SC_MAX];
static unsigned n;

static bool is_fence(const struct event *e)
{
	return e->op.kind == OP_FENCE;
}

static bool same_location(const struct event *a, const struct event *b)
{
	return a->location != NOTHING && a->location == b->location;
}

static bool hb(const struct event *a, const struct event *b)
{
	return a != b && graph_before_hb(a, b);
}

static unsigned place(const struct event *e)
{
	return graph_place(g, e);
}

static bool in_order(const struct event *e)
{
	return e->flags & (EVENT_WRITES | EVENT_READS);
}

/* co u fr, and all that they and rf compose */
static bool co_or_fr(const struct event *a, const struct event *b)
{
	if (!same_location(a, b) || !(b->flags & EVENT_WRITES) || a == b ||
	    !in_order(a))
		return false;
	return place(a) < place(b);
}

static bool eco(const struct event *a, const struct event *b)
{
	if (!same_location(a, b) || a == b || !in_order(a) || !in_order(b))
		return false;
	if (place(a) < place(b))
		return true;
	return place(a) == place(b) && (a->flags & EVENT_WRITES) &&
	       !(b->flags & EVENT_WRITES);
}

/* The nearest event of the thread after (step 1) or before it (step -1) that is
 * not of its location. */
static const struct event *elsewhere(const struct event *e, int step)
{
	for (int i = e->index + step; i >= 0 && i < g->length[e->thread];
	     i += step) {
		const struct event *x = graph_event(g, e->thread, (unsigned)i);

		if (!same_location(x, e))
			return x;
	}
	return NULL;
}

static bool scb(const struct event *a, const struct event *b)
{
	const struct event *x, *y;

	if (a == b)
		return false;
	if (a->thread == b->thread && a->index < b->index)
		return true;
	if (co_or_fr(a, b))
		return true;
	if (!hb(a, b))
		return false;
	if (same_location(a, b))
		return true;
	x = elsewhere(a, 1);
	y = elsewhere(b, -1);
	return x && y && hb(x, y);
}

/* [Esc] u [Fsc];hb? from x to a */
static bool leaves(const struct event *x, const struct event *a)
{
	return a == x || (is_fence(x) && hb(x, a));
}

static bool enters(const struct event *b, const struct event *y)
{
	return b == y || (is_fence(y) && hb(b, y));
}

static bool psc_between_fences(const struct event *x, const struct event *y)
{
	if (hb(x, y))
		return true;
	for (unsigned i = 0; i < g->n; i++) {
		const struct event *a = &g->events[i];

		if (!in_order(a) || !hb(x, a))
			continue;
		for (eid id = g->location[a->location].newest; id != NOTHING;
		     id = g->events[id].same)
			if (eco(a, &g->events[id]) && hb(&g->events[id], y))
				return true;
	}
	return false;
}

static bool psc_base(const struct event *x, const struct event *y)
{
	if (!is_fence(x) && !is_fence(y))
		return scb(x, y);
	for (unsigned i = 0; i < g->n; i++) {
		const struct event *a = &g->events[i];

		if (!leaves(x, a))
			continue;
		for (unsigned j = 0; j < g->n; j++)
			if (enters(&g->events[j], y) && scb(a, &g->events[j]))
				return true;
	}
	return false;
}

static bool psc(const struct event *x, const struct event *y)
{
	if (x == y)
		return false;
	if (is_fence(x) && is_fence(y) && psc_between_fences(x, y))
		return true;
	return psc_base(x, y);
}

/* Depth first over psc, whose edges are found when they are needed. */
static bool reaches(unsigned from, unsigned goal, bool *seen)
{
	seen[from] = true;
	for (unsigned i = 0; i < n; i++) {
		if (i != goal && seen[i])
			continue;
		if (!psc(&g->events[sc[from]], &g->events[sc[i]]))
			continue;
		if (i == goal || reaches(i, goal, seen))
			return true;
	}
	return false;
}

static bool cycle_through(unsigned i)
{
	bool seen[SC_MAX];

	memset(seen, 0, n);
	return reaches(i, i, seen);
}

static bool cycle_without_fences(const struct event *added)
{
	for (unsigned i = 0; i < n; i++)
		if (&g->events[sc[i]] == added)
			return cycle_through(i);
	return false;
}

static bool cycle(void)
{
	for (unsigned i = 0; i < n; i++)
		if (cycle_through(i))
			return true;
	return false;
}

static bool rc11_consistent(const struct graph *graph,
			    const struct event *added)
{
	bool fences = false;

	if (graph->sc < 2 || !model_overwriter(graph, added))
		return true;
	g = graph;
	n = 0;
	for (unsigned i = 0; i < g->n && n < SC_MAX; i++) {
		const struct event *e = &g->events[i];

		if (e->order != __ATOMIC_SEQ_CST)
			continue;
		fences |= is_fence(e);
		sc[n++] = (eid)i;
	}
	if (n < 2)
		return true;
	return fences ? !cycle() : !cycle_without_fences(added);
}

const struct model model_rc11 = { "rc11", rc11_consistent };
