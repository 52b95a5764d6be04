/* SPDX-License-Identifier: MIT */
/*
 * Coherence, which every model shares.
 */
#include "model.h"

#include <stddef.h>

/* How far the co of its location an event has got. */
static unsigned place(const struct graph *g, const struct event *e)
{
	if (e->flags & EVENT_WRITES)
		return e->co;
	return e->rf == NOTHING ? 0 : g->events[e->rf].co;
}

unsigned model_floor(const struct graph *g, const struct event *e)
{
	unsigned floor = 0;

	for (eid id = g->location[e->location].newest; id != NOTHING;
	     id = g->events[id].same) {
		const struct event *x = &g->events[id];

		if (x != e && graph_before_hb(x, e) && place(g, x) > floor)
			floor = place(g, x);
	}
	return floor;
}

/* The write that e is immediately before, by co or fr; NULL: none. */
const struct event *model_overwriter(const struct graph *g,
				     const struct event *e)
{
	eid next;

	if (e->flags & EVENT_WRITES)
		next = e->co_next;
	else if (!(e->flags & EVENT_READS))
		return NULL;
	else if (e->rf == NOTHING)
		next = g->location[e->location].co_first;
	else
		next = g->events[e->rf].co_next;
	return next == NOTHING ? NULL : &g->events[next];
}
