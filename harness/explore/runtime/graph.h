/* SPDX-License-Identifier: MIT */
/*
 * Execution graphs: events with po, rf and co, in the order of their addition.
 *
 * Terms of the papers: po is the order of a thread's events, rf says from which
 * write a read reads, co orders the writes of a location, porf = (po u rf)+.
 * An event is named by its place in the order of addition (eid); that order is
 * TruSt's <_G, and a stamp. A read-modify-write is two events of its thread,
 * one after the other, both EVENT_EXCLUSIVE: a read, and if it writes, a write.
 *
 * Views stand at each event: hb and porf are the events before it, itself
 * included; acq, rel and msg are the usual ones of view-based semantics (what a
 * later acquire fence gets, what a relaxed store hands on since the last
 * release fence, what a reader of this write gets). Source: O. Lahav et al.,
 * "Repairing sequential consistency in C/C++11" (PLDI 2017); views as in M.
 * Kokologiannakis et al., "Truly stateless, optimal dynamic partial order
 * reduction" (POPL 2022).
 */
#ifndef GRAPH_H
#define GRAPH_H

#include "op.h"
#include "view.h"

typedef uint16_t eid;

enum { EVENTS_MAX = 4096, LOCATIONS_MAX = 1024, NOTHING = 0xffff };

enum event_flag {
	EVENT_READS = 1 << 0,
	EVENT_WRITES = 1 << 1,
	EVENT_EXCLUSIVE = 1 << 2, /* half of a read-modify-write that writes */
};

struct event {
	uint8_t thread, flags;
	int8_t order;	/* in force: that of failure, if nothing was written */
	uint16_t index; /* in its thread */
	uint16_t location;	/* NOTHING: has none */
	eid rf;			/* EVENT_READS; NOTHING: the initial value */
	eid co_next, co_before; /* EVENT_WRITES; NOTHING: last, first */
	uint16_t co; /* place in co, from 1; 0 is the initial write */
	eid same;    /* the event added before this one at this location */
	uint64_t read, written; /* choice, thread created: read */
	struct op op;		/* as asked for */
	struct view hb, porf, acq, rel, msg;
};

struct location {
	uintptr_t key;
	uint8_t size;
	uint64_t initial;
	eid co_first, co_last; /* NOTHING: only the initial write */
	eid newest;	       /* the event added last */
};

struct graph {
	unsigned n;	  /* events */
	unsigned threads; /* numbers given so far, main included */
	unsigned sc;	  /* events that are seq_cst */
	uint16_t length[THREADS_MAX];
	eid created[THREADS_MAX]; /* the event that created it; main: NOTHING */
	eid (*at)[EVENTS_MAX];	  /* at[thread][index] */
	struct event *events;
	unsigned locations;
	struct location *location;
};

struct graph *graph_new(void);
void graph_free(struct graph *g);

/* The location with this key and size, made if there is none; the same number
 * in every graph of the process. */
unsigned graph_location(struct graph *g, uintptr_t key, unsigned size,
			uint64_t initial);

static inline struct event *graph_event(const struct graph *g, unsigned thread,
					unsigned index)
{
	return &g->events[g->at[thread][index]];
}

static inline eid graph_id(const struct graph *g, const struct event *e)
{
	return (eid)(e - g->events);
}

/* The write that comes next in the co of a location; w may be the initial one
 * (NOTHING). NOTHING: none. */
static inline eid graph_after(const struct graph *g, unsigned location, eid w)
{
	return w == NOTHING ? g->location[location].co_first
			    : g->events[w].co_next;
}

/* The place of a write in co. */
static inline unsigned graph_co(const struct graph *g, eid w)
{
	return w == NOTHING ? 0 : g->events[w].co;
}

/* How far a read or a write has got in the co of its location: co, fr and eco
 * between two of them follow from it. */
static inline unsigned graph_place(const struct graph *g, const struct event *e)
{
	return e->flags & EVENT_WRITES ? e->co : graph_co(g, e->rf);
}

/* The write of an update that writes back what it has read. */
static inline bool graph_is_idle(const struct graph *g, const struct event *w)
{
	return (w->flags & EVENT_EXCLUSIVE) &&
	       graph_event(g, w->thread, w->index - 1U)->read == w->written;
}

/* The thread's last event, or the one that created it; NULL: main's begin. */
const struct event *graph_end(const struct graph *g, unsigned thread);

/* Add an event at the end of a thread, without rf and co; its views are those
 * before it. */
struct event *graph_append(struct graph *g, unsigned thread,
			   const struct op *op, unsigned location);

/* Let it read from w (NOTHING: the initial value): value, flags and views. It
 * is exclusive if its op writes something instead of that value. */
void graph_read_from(struct graph *g, struct event *r, eid w);

/* It reads nothing (yet): views as when it was appended. */
void graph_unread(struct graph *g, struct event *r);

/* Views of an event that reads nothing; the write of an update follows its
 * read. */
void graph_finish(struct graph *g, struct event *e);

/* Put the write into co right after `before` (NOTHING: the initial write). */
void graph_insert(struct graph *g, struct event *w, eid before);
void graph_remove(struct graph *g, struct event *w);

/* Keep the first n events. */
void graph_cut(struct graph *g, unsigned n);

/* TruSt's backward revisit: `to` becomes g without the events that were added
 * after r and are not in w's porf-prefix; r still reads what it did.
 * Returns what r and w are called in `to`. */
void graph_restrict(const struct graph *g, eid r, eid w, struct graph *to,
		    eid *r_there, eid *w_there);

static inline bool graph_before_hb(const struct event *a, const struct event *b)
{
	return view_has(&b->hb, a->thread, a->index);
}

static inline bool graph_before_porf(const struct event *a,
				     const struct event *b)
{
	return view_has(&b->porf, a->thread, a->index);
}

/* A number that is the same for equal graphs, in whatever order their events
 * were added. */
uint64_t graph_hash(const struct graph *g);

#endif
