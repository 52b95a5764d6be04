/* SPDX-License-Identifier: MIT */
/*
 * What may be added to a graph, and what else could have been there.
 *
 * A read may read from each write that coherence allows (a range of co), a
 * write has a place after each; the newest comes first, since it is always
 * consistent: a graph can be extended by maximal events for ever. The others
 * are pushed. A write may also be read by reads that are there already
 * (backward revisit), in the one graph whose deleted events were all added
 * maximally.
 *
 * Beyond the paper:
 * - The write of an update belongs right behind what it read. If another update
 *   stands there, only revisits that delete the other are consistent.
 * - An await is added when there is a write that it admits, and is maximal if
 *   it reads the newest of those. It is no update: one that waits could lose to
 *   another what it has read, and have to wait again. So a lock is a ticket, an
 *   update, and an await of its number.
 */
#include "search.h"

#include "model.h"
#include "options.h"
#include "race.h"
#include "symmetry.h"
#include "violation.h"

static const struct model *model = &model_rc11;
const struct chooser *chooser;

void search_start(void)
{
	static const struct model *const models[] = {
		[EXPLORE_RC11] = &model_rc11,
		[EXPLORE_SC] = &model_sc,
		[EXPLORE_TSO] = &model_tso,
	};

	model = models[page->model];
}

bool search_consistent(const struct graph *g, const struct event *e)
{
	return model->consistent(g, e);
}

static uint64_t value_of(const struct graph *g, unsigned location, eid w)
{
	return w == NOTHING ? g->location[location].initial
			    : g->events[w].written;
}

static bool admits(const struct event *r, uint64_t value)
{
	return !r->op.admits || r->op.admits(&r->op, value);
}

static bool in_view(const struct event *x, const struct view *v)
{
	return view_has(v, x->thread, x->index);
}

/* Is the load before r up to date still for who has read w? */
bool search_fresh(const struct graph *g, const struct event *r, eid w)
{
	const struct event *load;

	if (!r->op.fresh || w == NOTHING)
		return true;
	load = graph_event(g, r->thread, r->index - 1U);
	for (eid id = g->location[load->location].newest; id != NOTHING;
	     id = g->events[id].same) {
		const struct event *x = &g->events[id];

		if (x != load && graph_place(g, x) > graph_place(g, load) &&
		    in_view(x, &g->events[w].msg))
			return false;
	}
	return true;
}

static bool may_read(const struct graph *g, const struct event *r, eid w)
{
	return admits(r, value_of(g, r->location, w)) && search_fresh(g, r, w);
}

/* An update whose write follows w in co. */
static bool is_taken(const struct graph *g, unsigned location, eid w)
{
	eid next = graph_after(g, location, w);

	return next != NOTHING && (g->events[next].flags & EVENT_EXCLUSIVE);
}

static bool would_write(const struct event *r, uint64_t read)
{
	uint64_t written;

	return r->op.kind == OP_UPDATE && r->op.update(&r->op, read, &written);
}

/* Reading w, its write would have to be where another's is. */
static bool collides(const struct graph *g, const struct event *r, eid w)
{
	return is_taken(g, r->location, w) &&
	       would_write(r, value_of(g, r->location, w));
}

eid search_rival(const struct graph *g, const struct event *w)
{
	const struct event *r = graph_event(g, w->thread, w->index - 1U);

	for (eid id = g->location[w->location].newest; id != NOTHING;
	     id = g->events[id].same) {
		const struct event *x = &g->events[id];

		if (x != r && x->rf == r->rf && (x->flags & EVENT_READS) &&
		    (x->flags & EVENT_EXCLUSIVE))
			return id;
	}
	return NOTHING;
}

/*
 * Backward revisits.
 */
struct revisit {
	const struct graph *g;
	const struct event *w;
	eid id; /* of w */
};

static bool previous(const struct revisit *v, eid e, eid x)
{
	return x != v->id &&
	       (x <= e || graph_before_porf(&v->g->events[x], v->w));
}

static bool write_is_maximal(const struct revisit *v, eid id)
{
	const struct graph *g = v->g;
	const struct event *e = &g->events[id];

	for (eid i = g->location[e->location].newest; i != NOTHING;
	     i = g->events[i].same) {
		const struct event *x = &g->events[i];

		if (!previous(v, id, i))
			continue;
		if ((x->flags & EVENT_READS) && x->rf == id)
			return false;
		if ((x->flags & EVENT_WRITES) && x->co > e->co)
			return false;
	}
	return true;
}

static bool read_is_maximal(const struct revisit *v, eid id)
{
	const struct graph *g = v->g;
	const struct event *e = &g->events[id];

	if (e->rf != NOTHING && !previous(v, id, e->rf))
		return false;
	for (eid i = g->location[e->location].newest; i != NOTHING;
	     i = g->events[i].same) {
		const struct event *x = &g->events[i];

		if ((x->flags & EVENT_WRITES) && x->co > graph_co(g, e->rf) &&
		    previous(v, id, i) && may_read(g, e, i))
			return false;
	}
	return true;
}

static bool is_maximal(const struct revisit *v, eid id)
{
	const struct event *e = &v->g->events[id];

	if (e->op.kind == OP_CHOICE)
		return e->read == 0;
	if (e->flags & EVENT_READS)
		return read_is_maximal(v, id);
	if (e->flags & EVENT_WRITES)
		return write_is_maximal(v, id);
	return true;
}

/* Would the revisit of r delete x? */
static bool deletes(const struct revisit *v, eid r, eid x)
{
	return x > r && !graph_before_porf(&v->g->events[x], v->w);
}

static bool all_maximal(const struct revisit *v, eid r)
{
	if (!is_maximal(v, r))
		return false;
	for (eid id = (eid)(r + 1); id < v->id; id++)
		if (deletes(v, r, id) && !is_maximal(v, id))
			return false;
	return true;
}

static void revisit(const struct revisit *v, eid r, eid rival)
{
	if (rival != NOTHING && r != rival && !deletes(v, r, rival))
		return;
	if (admits(&v->g->events[r], v->w->written) && all_maximal(v, r))
		frames_push(
			(struct item){ .kind = REVISIT, .at = v->id, .a = r });
}

void search_revisit(const struct graph *g, eid w, eid rival)
{
	const struct revisit v = { g, &g->events[w], w };

	if (chooser)
		return;
	for (eid id = g->location[v.w->location].newest; id != NOTHING;
	     id = g->events[id].same) {
		const struct event *r = &g->events[id];

		if ((r->flags & EVENT_READS) && !graph_before_porf(r, v.w))
			revisit(&v, id, rival);
	}
}

/*
 * Adding.
 */
static unsigned locate(struct graph *g, unsigned thread, const struct op *op)
{
	unsigned n;

	if (!op->key)
		return NOTHING;
	if (op->key >> 56)
		return graph_location(g, op->key, op->size, 0);
	n = race_location(g, thread, op->key, op->size);
	return n ? n - 1 : NOTHING;
}

static void forget(struct graph *g)
{
	graph_cut(g, g->n - 1);
}

/* After an event has got all that it needs. */
static enum added added(struct graph *g, struct event *e)
{
	race_event(g, e);
	return ADDED;
}

/* w is taken by a thread with which that of r could change places. */
static bool is_mirrored(const struct graph *g, const struct event *r, eid w)
{
	eid next = graph_after(g, r->location, w);
	const struct event *by = &g->events[next];

	return symmetry_mirrors(g, r,
				graph_event(g, by->thread, by->index - 1U));
}

/* The writes that r may read from, the newest first; then those that only lead
 * to revisits. */
static unsigned candidates(const struct graph *g, const struct event *r,
			   eid *all, unsigned *free)
{
	unsigned floor = model_floor(g, r), n = 0;
	eid taken[EVENTS_MAX];
	unsigned t = 0;
	eid w = g->location[r->location].co_last;

	for (;; w = g->events[w].co_before) {
		if (graph_co(g, w) < floor)
			break;
		if (may_read(g, r, w)) {
			if (collides(g, r, w)) {
				if (!is_mirrored(g, r, w))
					taken[t++] = w;
			} else
				all[n++] = w;
		}
		if (w == NOTHING)
			break;
	}
	*free = n;
	for (unsigned i = 0; i < t; i++)
		all[n++] = taken[i];
	return n;
}

/* Where somebody else decides, it is among what is consistent. */
static unsigned consistent_reads(struct graph *g, struct event *r, eid *all,
				 unsigned n)
{
	unsigned left = 0;

	for (unsigned i = 0; i < n; i++) {
		graph_read_from(g, r, all[i]);
		if (search_consistent(g, r))
			all[left++] = all[i];
	}
	return left;
}

static unsigned consistent_places(struct graph *g, struct event *w, eid *all,
				  unsigned n)
{
	unsigned left = 0;

	for (unsigned i = 0; i < n; i++) {
		graph_insert(g, w, all[i]);
		if (search_consistent(g, w))
			all[left++] = all[i];
		graph_remove(g, w);
	}
	return left;
}

/* n: none of them. */
static unsigned chosen(const struct graph *g, const struct event *e,
		       const eid *all, unsigned n)
{
	int c = n ? chooser->among(g, e, all, n) : -1;

	return c < 0 ? n : (unsigned)c;
}

static enum added add_read(struct graph *g, unsigned thread, struct op *op)
{
	struct event *r = graph_append(g, thread, op, locate(g, thread, op));
	eid id = graph_id(g, r), all[EVENTS_MAX];
	unsigned n, free, first = 0;

	if (violation.kind)
		return ADDED_DEAD;
	n = candidates(g, r, all, &free);
	if (chooser) {
		n = free = consistent_reads(g, r, all, free);
		first = chosen(g, r, all, free);
	}
	while (first < free) {
		graph_read_from(g, r, all[first]);
		if (search_consistent(g, r))
			break;
		first++;
	}
	if (first >= free && !(n > free && !op->admits)) {
		forget(g);
		return ADDED_NOT;
	}
	if (!chooser)
		for (unsigned i = n; i-- > first + 1;)
			frames_push((struct item){
				.kind = OTHER_READ, .at = id, .a = all[i] });
	if (first >= free)
		graph_read_from(g, r, all[first]);
	if (r->flags & EVENT_EXCLUSIVE) {
		enum added a = search_add_write(g, thread, op);

		if (a != ADDED)
			return a;
	}
	return added(g, r);
}

enum added search_add_write(struct graph *g, unsigned thread,
			    const struct op *op)
{
	struct event *r = graph_event(g, thread, g->length[thread] - 1U), *w;
	eid rival;

	w = graph_append(g, thread, op, r->location);
	graph_finish(g, w);
	rival = search_rival(g, w);
	if (rival == NOTHING)
		graph_insert(g, w, r->rf);
	search_revisit(g, graph_id(g, w), rival);
	if (rival != NOTHING || !search_consistent(g, w))
		return ADDED_DEAD;
	return added(g, w);
}

unsigned search_places(const struct graph *g, const struct event *w,
		       const struct event *reader, eid *places)
{
	unsigned floor = model_floor(g, w), n = 0;
	eid p = g->location[w->location].co_last;

	if (reader) {
		unsigned seen = model_floor(g, reader);

		floor = seen > floor ? seen : floor;
	}
	for (;; p = g->events[p].co_before) {
		if (graph_co(g, p) < floor)
			break;
		if (!is_taken(g, w->location, p))
			places[n++] = p;
		if (p == NOTHING)
			break;
	}
	return n;
}

static enum added add_write(struct graph *g, unsigned thread, struct op *op)
{
	struct event *w = graph_append(g, thread, op, locate(g, thread, op));
	eid id = graph_id(g, w), places[EVENTS_MAX];
	unsigned n, first = 0;

	if (violation.kind)
		return ADDED_DEAD;
	graph_finish(g, w);
	n = search_places(g, w, NULL, places);
	if (chooser) {
		n = consistent_places(g, w, places, n);
		first = chosen(g, w, places, n);
		if (first == n) {
			forget(g);
			return ADDED_NOT;
		}
	}
	for (; first < n; first++) {
		graph_insert(g, w, places[first]);
		if (search_consistent(g, w))
			break;
		graph_remove(g, w);
	}
	if (first == n)
		return ADDED_DEAD;
	if (!chooser)
		for (unsigned i = n; i-- > first + 1;)
			frames_push((struct item){ .kind = OTHER_PLACE,
						   .at = id,
						   .a = places[i] });
	search_revisit(g, id, NOTHING);
	return added(g, w);
}

static enum added add_choice(struct graph *g, unsigned thread, struct op *op)
{
	struct event *e = graph_append(g, thread, op, NOTHING);

	if (chooser) {
		e->read = chosen(g, e, NULL, (unsigned)op->operand);
		if (e->read < op->operand)
			return ADDED;
		forget(g);
		return ADDED_NOT;
	}
	for (uint64_t i = op->operand; i-- > 1;)
		frames_push((struct item){ .kind = OTHER_CHOICE,
					   .at = graph_id(g, e),
					   .a = (eid)i });
	return ADDED;
}

static enum added add_create(struct graph *g, unsigned thread, struct op *op)
{
	unsigned child = 1;
	struct event *e;

	while (child < THREADS_MAX && g->created[child] != NOTHING)
		child++;
	if (child == THREADS_MAX)
		return ADDED_BOUND;
	e = graph_append(g, thread, op, NOTHING);
	e->read = child;
	g->created[child] = graph_id(g, e);
	if (g->threads <= child)
		g->threads = child + 1;
	return ADDED;
}

enum added search_add(struct graph *g, unsigned thread, struct op *op)
{
	unsigned most = page->events_max && page->events_max < EVENTS_MAX - 2
				? page->events_max
				: EVENTS_MAX - 2;

	if (g->n >= most)
		return ADDED_BOUND;
	switch (op->kind) {
	case OP_READ:
	case OP_UPDATE:
		return add_read(g, thread, op);
	case OP_WRITE:
		return add_write(g, thread, op);
	case OP_CHOICE:
		return add_choice(g, thread, op);
	case OP_CREATE:
		return add_create(g, thread, op);
	default:
		graph_finish(g, graph_append(g, thread, op, NOTHING));
		return ADDED;
	}
}

bool search_stale(const struct graph *g, unsigned thread, unsigned index)
{
	for (unsigned i = index; i < g->length[thread]; i++) {
		eid id = g->at[thread][i];
		const struct event *e = &g->events[id];

		if (!(e->flags & EVENT_READS))
			continue;
		for (eid x = g->location[e->location].newest; x != NOTHING;
		     x = g->events[x].same)
			if (x < id && (g->events[x].flags & EVENT_WRITES) &&
			    g->events[x].co > graph_co(g, e->rf))
				return true;
	}
	return false;
}

/* Nothing but updates that write back what they have read comes after w. */
static bool is_newest_value(const struct graph *g, unsigned location, eid w)
{
	eid id = graph_after(g, location, w);

	for (; id != NOTHING; id = g->events[id].co_next)
		if (!graph_is_idle(g, &g->events[id]))
			return false;
	return true;
}

bool search_up_to_date(const struct graph *g, unsigned thread, unsigned index)
{
	for (unsigned i = index; i < g->length[thread]; i++) {
		const struct event *e = graph_event(g, thread, i);

		if ((e->flags & EVENT_READS) &&
		    !is_newest_value(g, e->location, e->rf))
			return false;
	}
	return true;
}

int search_turn(uint32_t asking)
{
	if (!asking)
		return -1;
	return chooser ? chooser->turn(asking) : __builtin_ctz(asking);
}
