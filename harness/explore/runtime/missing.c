/* SPDX-License-Identifier: MIT */
#include "missing.h"

static bool seen(const struct view *v, unsigned thread, unsigned time)
{
	return v->of[thread] >= time;
}

static bool is_acquire(const struct event *r)
{
	return r->order == __ATOMIC_ACQUIRE || r->order == __ATOMIC_ACQ_REL ||
	       r->order == __ATOMIC_SEQ_CST;
}

struct missing missing_edge(const struct diagram *d, unsigned thread,
			    unsigned time, unsigned by)
{
	const struct graph *g = d->graph;
	const struct event *end = graph_end(g, by);

	for (unsigned i = 0; end && i < d->n; i++) {
		const struct event *r = d->rows[i].event, *w;

		if (!r || !(r->flags & EVENT_READS) || r->rf == NOTHING ||
		    !graph_before_porf(r, end) || seen(&r->hb, thread, time))
			continue;
		w = &g->events[r->rf];
		if (w->thread == r->thread || !diagram_row(d, r->rf) ||
		    !seen(&w->hb, thread, time))
			continue;
		return (struct missing){
			.write = diagram_row(d, r->rf),
			.read = &d->rows[i],
			.release = !seen(&w->msg, thread, time),
			.acquire = !is_acquire(r),
		};
	}
	return (struct missing){ 0 };
}
