/* SPDX-License-Identifier: MIT */
#include "order.h"

struct telling {
	const struct graph *g;
	struct view keep, told;
};

static bool is_told(const struct telling *o, eid id)
{
	const struct event *e = &o->g->events[id];

	return id == NOTHING || view_has(&o->told, e->thread, e->index);
}

static bool is_kept(const struct telling *o, eid id)
{
	const struct event *e = &o->g->events[id];

	return view_has(&o->keep, e->thread, e->index);
}

/* po, the creation of its thread and rf are behind it. */
static bool may_follow(const struct telling *o, const struct event *e)
{
	if (e->index == 0 && !is_told(o, o->g->created[e->thread]))
		return false;
	return !(e->flags & EVENT_READS) || is_told(o, e->rf);
}

/* co and fr are behind it as well: nobody who is yet to come reads or writes
 * what is older. */
static bool is_newest(const struct telling *o, const struct event *e)
{
	const struct graph *g = o->g;
	eid self = graph_id(g, e);

	if (!(e->flags & EVENT_WRITES))
		return true;
	for (eid id = g->location[e->location].newest; id != NOTHING;
	     id = g->events[id].same) {
		const struct event *other = &g->events[id];

		if (other->thread == e->thread || !is_kept(o, id) ||
		    is_told(o, id))
			continue;
		if ((other->flags & EVENT_WRITES) && order_older(g, id, self))
			return false;
		if ((other->flags & EVENT_READS) &&
		    order_older(g, other->rf, self))
			return false;
	}
	return true;
}

/* The halves of an update are not torn apart. */
static bool is_surprise(const struct telling *o, const struct event *e)
{
	unsigned next = e->index + 1U;

	if ((e->flags & EVENT_EXCLUSIVE) && (e->flags & EVENT_READS) &&
	    next < o->g->length[e->thread])
		e = graph_event(o->g, e->thread, next);
	return !is_newest(o, e);
}

static bool is_torn(const struct telling *o, unsigned thread)
{
	unsigned n = o->told.of[thread];
	const struct event *e = n ? graph_event(o->g, thread, n - 1) : NULL;

	return e && (e->flags & EVENT_EXCLUSIVE) && (e->flags & EVENT_READS) &&
	       n < o->keep.of[thread];
}

/* The thread itself, if that can be; then one whose event is no surprise; then
 * the one whose event was added first. */
static const struct event *next(const struct telling *o, unsigned last)
{
	const struct event *best = NULL;
	bool surprised = true;

	if (is_torn(o, last))
		return graph_event(o->g, last, o->told.of[last]);

	for (unsigned i = 0; i < o->g->threads; i++) {
		unsigned t = (last + i) % o->g->threads;
		unsigned index = o->told.of[t];
		const struct event *e;
		bool surprise;

		if (index >= o->keep.of[t])
			continue;
		e = graph_event(o->g, t, index);
		if (!may_follow(o, e))
			continue;
		surprise = is_surprise(o, e);
		if (!surprise && i == 0)
			return e;
		if (best && (surprise > surprised ||
			     (surprise == surprised && best < e)))
			continue;
		best = e;
		surprised = surprise;
	}
	return best;
}

unsigned order_events(const struct graph *g, const struct view *keep,
		      eid order[EVENTS_MAX])
{
	struct telling o = { .g = g };
	const struct event *e;
	unsigned n = 0, last = 0;

	for (unsigned t = 0; t < g->threads; t++)
		o.keep.of[t] = keep ? keep->of[t] : g->length[t];
	while ((e = next(&o, last))) {
		order[n++] = graph_id(g, e);
		last = e->thread;
		o.told.of[last]++;
	}
	return n;
}
