/* SPDX-License-Identifier: MIT */
/*
 * See graph.h. Nothing here decides: events are added, linked, cut and copied.
 *
 * Events of a location hang together twice: in co, and in the order of their
 * addition (event.same), so that cutting a graph is popping events.
 */
#include "graph.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Touched as far as it is used. */
static void *reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

struct graph *graph_new(void)
{
	struct graph *g = reserve(sizeof(*g));

	g->at = reserve(THREADS_MAX * sizeof(g->at[0]));
	g->events = reserve(EVENTS_MAX * sizeof(g->events[0]));
	g->location = reserve(LOCATIONS_MAX * sizeof(g->location[0]));
	g->threads = 1;
	memset(g->created, 0xff, sizeof(g->created));
	return g;
}

void graph_free(struct graph *g)
{
	munmap(g->at, THREADS_MAX * sizeof(g->at[0]));
	munmap(g->events, EVENTS_MAX * sizeof(g->events[0]));
	munmap(g->location, LOCATIONS_MAX * sizeof(g->location[0]));
	munmap(g, sizeof(*g));
}

/* Keys get their numbers once for all graphs: an open hash table. */
enum { SLOTS = 4 * LOCATIONS_MAX };

static struct {
	uintptr_t key;
	uint16_t number; /* plus one */
	uint8_t size;
} slots[SLOTS];
static unsigned numbers;

static unsigned number_of(uintptr_t key, unsigned size)
{
	unsigned i = (unsigned)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 40);

	for (;; i++) {
		i %= SLOTS;
		if (!slots[i].number) {
			if (numbers == LOCATIONS_MAX)
				return NOTHING;
			slots[i].key = key;
			slots[i].size = (uint8_t)size;
			slots[i].number = (uint16_t)++numbers;
		}
		if (slots[i].key == key && slots[i].size == size)
			return slots[i].number - 1U;
	}
}

unsigned graph_location(struct graph *g, uintptr_t key, unsigned size,
			uint64_t initial)
{
	unsigned l = number_of(key, size);

	if (l == NOTHING)
		return l;
	for (; g->locations <= l; g->locations++)
		g->location[g->locations] = (struct location){
			.co_first = NOTHING,
			.co_last = NOTHING,
			.newest = NOTHING,
		};
	g->location[l].key = key;
	g->location[l].size = (uint8_t)size;
	g->location[l].initial = initial;
	return l;
}

const struct event *graph_end(const struct graph *g, unsigned thread)
{
	if (g->length[thread])
		return graph_event(g, thread, g->length[thread] - 1U);
	if (g->created[thread] != NOTHING)
		return &g->events[g->created[thread]];
	return NULL;
}

static bool acquires(int order)
{
	return order == __ATOMIC_ACQUIRE || order == __ATOMIC_CONSUME ||
	       order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

static bool releases(int order)
{
	return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL ||
	       order == __ATOMIC_SEQ_CST;
}

/* The views that it gets from its thread alone. */
static void begin_views(const struct graph *g, struct event *e)
{
	const struct view nothing = { { 0 } };
	const struct event *before = NULL;

	if (e->index)
		before = graph_event(g, e->thread, e->index - 1U);
	else if (g->created[e->thread] != NOTHING)
		before = &g->events[g->created[e->thread]];
	e->hb = before ? before->hb : nothing;
	e->porf = before ? before->porf : nothing;
	/* fences of the creator are none of ours */
	e->acq = before && e->index ? before->acq : nothing;
	e->rel = before && e->index ? before->rel : nothing;
	e->hb.of[e->thread] = e->porf.of[e->thread] = e->index + 1U;
}

struct event *graph_append(struct graph *g, unsigned thread,
			   const struct op *op, unsigned location)
{
	eid id = (eid)g->n++;
	struct event *e = &g->events[id];

	e->thread = (uint8_t)thread;
	e->flags = 0;
	e->order = op->order;
	e->index = g->length[thread]++;
	e->location = (uint16_t)location;
	e->rf = e->co_next = e->co_before = e->same = NOTHING;
	e->co = 0;
	e->read = e->written = 0;
	e->op = *op;
	g->at[thread][e->index] = id;
	if (location != NOTHING) {
		e->same = g->location[location].newest;
		g->location[location].newest = id;
	}
	g->sc += op->order == __ATOMIC_SEQ_CST;
	begin_views(g, e);
	return e;
}

void graph_read_from(struct graph *g, struct event *r, eid w)
{
	const struct event *from = w == NOTHING ? NULL : &g->events[w];
	uint64_t written;

	begin_views(g, r);
	r->rf = w;
	r->read = from ? from->written : g->location[r->location].initial;
	r->flags |= EVENT_READS;
	r->flags &= (uint8_t)~EVENT_EXCLUSIVE;
	r->order = r->op.order;
	if (r->op.kind == OP_UPDATE) {
		if (r->op.update(&r->op, r->read, &written))
			r->flags |= EVENT_EXCLUSIVE;
		else
			r->order = r->op.failed;
	}
	if (!from)
		return;
	r->porf = view_join(r->porf, from->porf);
	r->acq = view_join(r->acq, from->msg);
	if (acquires(r->order))
		r->hb = view_join(r->hb, from->msg);
}

void graph_unread(struct graph *g, struct event *r)
{
	begin_views(g, r);
	r->rf = NOTHING;
	r->flags &= (uint8_t)~EVENT_EXCLUSIVE;
}

static void finish_write(struct graph *g, struct event *w)
{
	const struct event *r;

	w->flags |= EVENT_WRITES;
	w->msg = releases(w->order) ? w->hb : w->rel;
	if (w->op.kind == OP_WRITE) {
		w->written = w->op.operand;
		return;
	}
	r = graph_event(g, w->thread, w->index - 1U);
	w->flags |= EVENT_EXCLUSIVE;
	w->op.update(&w->op, r->read, &w->written);
	/* the release sequence goes on (C++20: [atomics.order]) */
	if (r->rf != NOTHING)
		w->msg = view_join(w->msg, g->events[r->rf].msg);
}

void graph_finish(struct graph *g, struct event *e)
{
	switch (e->op.kind) {
	case OP_WRITE:
	case OP_UPDATE:
		finish_write(g, e);
		break;
	case OP_FENCE:
		if (acquires(e->order))
			e->hb = view_join(e->hb, e->acq);
		if (releases(e->order))
			e->rel = e->hb;
		break;
	default:
		break;
	}
}

static void renumber(struct graph *g, eid w, unsigned from)
{
	for (; w != NOTHING; w = g->events[w].co_next)
		g->events[w].co = (uint16_t)from++;
}

void graph_insert(struct graph *g, struct event *w, eid before)
{
	struct location *l = &g->location[w->location];
	eid id = graph_id(g, w);
	eid next = graph_after(g, w->location, before);

	w->co_before = before;
	w->co_next = next;
	*(before == NOTHING ? &l->co_first : &g->events[before].co_next) = id;
	*(next == NOTHING ? &l->co_last : &g->events[next].co_before) = id;
	renumber(g, id, before == NOTHING ? 1 : g->events[before].co + 1U);
}

void graph_remove(struct graph *g, struct event *w)
{
	struct location *l = &g->location[w->location];
	eid before = w->co_before, next = w->co_next;

	*(before == NOTHING ? &l->co_first : &g->events[before].co_next) = next;
	*(next == NOTHING ? &l->co_last : &g->events[next].co_before) = before;
	renumber(g, next, w->co);
	w->co = 0;
}

void graph_cut(struct graph *g, unsigned n)
{
	while (g->n > n) {
		struct event *e = &g->events[--g->n];

		g->length[e->thread]--;
		g->sc -= e->op.order == __ATOMIC_SEQ_CST;
		if (e->co)
			graph_remove(g, e);
		if (e->location != NOTHING)
			g->location[e->location].newest = e->same;
		if (e->op.kind == OP_CREATE)
			g->created[e->read] = NOTHING;
	}
	while (g->threads > 1 && g->created[g->threads - 1] == NOTHING)
		g->threads--;
}

/* What events of g are called in its copy. */
static eid renamed[EVENTS_MAX];

static eid rename_event(eid e)
{
	return e == NOTHING ? e : renamed[e];
}

static void copy_event(const struct graph *g, eid from, struct graph *to)
{
	const struct event *e = &g->events[from];
	eid id = (eid)to->n++;
	struct event *c = &to->events[id];

	*c = *e;
	renamed[from] = id;
	to->at[c->thread][c->index] = id;
	to->length[c->thread] = c->index + 1;
	to->sc += c->op.order == __ATOMIC_SEQ_CST;
	if (c->op.kind == OP_CREATE) {
		to->created[c->read] = id;
		if (to->threads <= c->read)
			to->threads = (unsigned)c->read + 1;
	}
	if (c->location != NOTHING) {
		c->same = to->location[c->location].newest;
		to->location[c->location].newest = id;
	}
}

/* co of what is left. */
static void copy_order(const struct graph *g, struct graph *to, unsigned l)
{
	eid last = NOTHING;

	for (eid w = g->location[l].co_first; w != NOTHING;
	     w = g->events[w].co_next) {
		eid id = renamed[w];

		if (id == NOTHING)
			continue;
		graph_insert(to, &to->events[id], last);
		last = id;
	}
}

static void restart(struct graph *to, const struct graph *g)
{
	to->n = to->sc = 0;
	to->threads = 1;
	memset(to->length, 0, sizeof(to->length));
	memset(to->created, 0xff, sizeof(to->created));
	to->locations = g->locations;
	memcpy(to->location, g->location,
	       g->locations * sizeof(g->location[0]));
	for (unsigned l = 0; l < g->locations; l++)
		to->location[l].co_first = to->location[l].co_last =
			to->location[l].newest = NOTHING;
}

void graph_restrict(const struct graph *g, eid r, eid w, struct graph *to,
		    eid *r_there, eid *w_there)
{
	const struct event *last = &g->events[w];

	restart(to, g);
	for (eid id = 0; id < g->n; id++) {
		const struct event *e = &g->events[id];

		if (id <= r || graph_before_porf(e, last))
			copy_event(g, id, to);
		else
			renamed[id] = NOTHING;
	}
	for (unsigned id = 0; id < to->n; id++) {
		struct event *e = &to->events[id];

		e->rf = rename_event(e->rf);
		e->co = 0;
	}
	for (unsigned l = 0; l < to->locations; l++)
		copy_order(g, to, l);
	*r_there = renamed[r];
	*w_there = renamed[w];
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9fb21c651e98df25);
	return h ^ h >> 32;
}

static uint64_t name_of(const struct graph *g, eid id)
{
	return id == NOTHING ? 0
			     : (uint64_t)g->events[id].thread << 16 |
				       (g->events[id].index + 1U);
}

uint64_t graph_hash(const struct graph *g)
{
	uint64_t sum = g->n;

	for (eid id = 0; id < g->n; id++) {
		const struct event *e = &g->events[id];
		uint64_t h = mix(name_of(g, id), e->op.kind);

		h = mix(h, e->location == NOTHING
				   ? 0
				   : g->location[e->location].key);
		h = mix(h, name_of(g, e->rf));
		h = mix(h, e->co ? name_of(g, e->co_before) + 1 : 0);
		h = mix(h, e->op.kind == OP_CHOICE ? e->read + 1 : 0);
		sum += mix(h, 1);
	}
	return sum;
}
