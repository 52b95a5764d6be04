/* SPDX-License-Identifier: MIT */
/*
 * Coherence, which every model shares.
 */
#include "model.h"

#include <stddef.h>

unsigned model_floor(const struct graph *g, const struct event *e)
{
	unsigned floor = 0;

	for (eid id = g->location[e->location].newest; id != NOTHING;
	     id = g->events[id].same) {
		const struct event *x = &g->events[id];

		if (x != e && graph_before_hb(x, e) &&
		    graph_place(g, x) > floor)
			floor = graph_place(g, x);
	}
	return floor;
}

/* The write that e is immediately before, by co or fr; NULL: none. */
const struct event *model_overwriter(const struct graph *g,
				     const struct event *e)
{
	eid next = e->co_next;

	if (!(e->flags & EVENT_WRITES))
		next = e->flags & EVENT_READS
			       ? graph_after(g, e->location, e->rf)
			       : NOTHING;
	return next == NOTHING ? NULL : &g->events[next];
}
