/* SPDX-License-Identifier: MIT */
/*
 * The alternatives that are left.
 *
 * A frame is a graph and the alternatives to its events, the latest last.
 * Taking one cuts the graph to its event, so a graph is never copied but for a
 * backward revisit, which gets a frame of its own: the stack of frames is never
 * deeper than an execution is long, whatever the number of executions.
 */
#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "model.h"
#include "options.h"
#include "search.h"
#include "tally.h"

struct frame {
	struct graph *graph;
	struct item *items;
	unsigned n, room;
	unsigned from; /* items below are somebody else's */
};

static struct frame *frames;
static unsigned depth, made;

void frames_push(struct item item)
{
	struct frame *f = &frames[depth - 1];

	if (f->n == f->room) {
		f->room = f->room ? 2 * f->room : 64;
		f->items = realloc(f->items, f->room * sizeof(f->items[0]));
		if (!f->items)
			abort();
	}
	f->items[f->n++] = item;
}

static struct frame *open_frame(void)
{
	if (depth == made) {
		frames = realloc(frames, ++made * sizeof(frames[0]));
		if (!frames)
			abort();
		frames[depth] = (struct frame){ .graph = graph_new() };
	}
	frames[depth].n = frames[depth].from = 0;
	return &frames[depth++];
}

/* The read of an update has got something to read: its write, if it writes. */
static bool complete_update(struct graph *g, struct event *r)
{
	if (!(r->flags & EVENT_EXCLUSIVE))
		return true;
	return search_add_write(g, r->thread, &r->op) == ADDED;
}

static bool other_read(struct graph *g, const struct item *item)
{
	struct event *r = &g->events[item->at];

	graph_read_from(g, r, item->a);
	return search_consistent(g, r) && complete_update(g, r);
}

static bool other_place(struct graph *g, const struct item *item)
{
	struct event *w = &g->events[item->at];

	graph_remove(g, w);
	graph_insert(g, w, item->a);
	return search_consistent(g, w);
}

/* w has its place; what it revisits reads it. */
static bool read_revisit(struct graph *g, struct event *w, struct event *r)
{
	graph_read_from(g, r, graph_id(g, w));
	return search_consistent(g, w) && search_consistent(g, r) &&
	       complete_update(g, r);
}

static bool revisit_place(struct graph *g, const struct item *item)
{
	struct event *w = &g->events[item->at];

	if (w->co)
		graph_remove(g, w);
	graph_insert(g, w, item->b);
	return read_revisit(g, w, &g->events[item->a]);
}

/* An update's write stands behind what it read, if nobody else does. */
static bool place_update(struct graph *g, struct event *w)
{
	const struct event *read = graph_event(g, w->thread, w->index - 1U);

	if (w->co)
		graph_remove(g, w);
	if (search_rival(g, w) != NOTHING)
		return false;
	graph_insert(g, w, read->rf);
	return true;
}

static bool revisit_of_write(struct graph *g, struct event *w, struct event *r)
{
	eid places[EVENTS_MAX], id = graph_id(g, w);
	unsigned n;

	if (w->co)
		graph_remove(g, w);
	n = search_places(g, w, r, places);
	if (!n)
		return false;
	for (unsigned i = n; i-- > 1;)
		frames_push((struct item){ .kind = REVISIT_PLACE,
					   .at = id,
					   .a = graph_id(g, r),
					   .b = places[i] });
	graph_insert(g, w, places[0]);
	return read_revisit(g, w, r);
}

static bool backward(const struct graph *from, const struct item *item)
{
	struct frame *f = open_frame();
	struct graph *g = f->graph;
	struct event *w, *r;
	eid r_there, w_there;

	graph_restrict(from, item->a, item->at, g, &r_there, &w_there);
	w = &g->events[w_there];
	r = &g->events[r_there];
	graph_unread(g, r);
	if (!search_fresh(g, r, w_there))
		return false;
	if (!(w->flags & EVENT_EXCLUSIVE))
		return revisit_of_write(g, w, r);
	return place_update(g, w) && w->co > model_floor(g, r) &&
	       read_revisit(g, w, r);
}

static bool take(struct frame *f, const struct item *item)
{
	struct graph *g = f->graph;

	graph_cut(g, item->at + 1U);
	switch (item->kind) {
	case OTHER_CHOICE:
		g->events[item->at].read = item->a;
		return true;
	case OTHER_READ:
		return other_read(g, item);
	case OTHER_PLACE:
		return other_place(g, item);
	case REVISIT_PLACE:
		return revisit_place(g, item);
	default:
		return backward(g, item);
	}
}

/* The oldest alternative of all is the largest part of what is left: it goes to
 * another job, if there is one to take it. */
static void share(void)
{
	struct frame *f = frames;
	struct item item;

	while (f < frames + depth - 1 && f->n == f->from)
		f++;
	if (f->n <= f->from + 1)
		return;
	item = f->items[f->from];
	switch (jobs_split()) {
	case JOB_ALONE:
		return;
	case JOB_PARENT:
		f->from++;
		return;
	case JOB_CHILD:
		depth = (unsigned)(f - frames) + 1;
		for (struct frame *below = frames; below <= f; below++)
			below->n = below->from = 0;
		f->items[0] = item;
		f->n = 1;
		return;
	}
}

/* The next graph to run; NULL: nothing is left. */
static struct graph *next(void)
{
	share();
	while (depth) {
		struct frame *f = &frames[depth - 1];
		struct item item;

		if (f->n == f->from) {
			depth--;
			continue;
		}
		item = f->items[--f->n];
		if (take(f, &item))
			return frames[depth - 1].graph;
	}
	return NULL;
}

void search_all(void)
{
	struct graph *g = open_frame()->graph;

	while (g) {
		tally_execution(g, engine_run(g));
		if (tally_over())
			break;
		g = next();
	}
}
