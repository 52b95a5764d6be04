/* SPDX-License-Identifier: MIT */
/*
 * The events of a graph in an order in which they can be told: each after those
 * that it is porf-after.
 *
 * If the graph is sequentially consistent, so is the order: each read then
 * reads the newest write before it. Else reads of old values, and writes that
 * are co-before earlier ones, are as few as a first guess makes them. A thread
 * goes on as long as it can.
 */
#ifndef ORDER_H
#define ORDER_H

#include "graph.h"

/* The events of `keep` (porf-closed; NULL: all); returns how many. */
unsigned order_events(const struct graph *g, const struct view *keep,
		      eid order[EVENTS_MAX]);

/* co(a) < co(b) for writes of one location; NOTHING is the initial write. */
static inline bool order_older(const struct graph *g, eid a, eid b)
{
	unsigned at = a == NOTHING ? 0 : g->events[a].co;

	return b != NOTHING && at < g->events[b].co;
}

#endif
