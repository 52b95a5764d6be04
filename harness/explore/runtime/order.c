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

		if (id == self || !is_kept(o, id) || is_told(o, id))
			continue;
		if ((other->flags & EVENT_WRITES) && order_older(g, id, self))
			return false;
		if ((other->flags & EVENT_READS) &&
		    order_older(g, other->rf, self))
			return false;
	}
	return true;
}

/* The thread itself, if that can be; then one whose event is no surprise; then
 * the one whose event was added first. */
static const struct event *next(const struct telling *o, unsigned last)
{
	const struct event *best = NULL;
	bool best_newest = false;

	for (unsigned i = 0; i < o->g->threads; i++) {
		unsigned t = (last + i) % o->g->threads;
		unsigned index = o->told.of[t];
		const struct event *e;
		bool newest;

		if (index >= o->keep.of[t])
			continue;
		e = graph_event(o->g, t, index);
		if (!may_follow(o, e))
			continue;
		newest = is_newest(o, e);
		if (newest && i == 0)
			return e;
		if (best && (newest < best_newest ||
			     (newest == best_newest && best < e)))
			continue;
		best = e;
		best_newest = newest;
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
