/* SPDX-License-Identifier: MIT */
/*
 * Data races of plain accesses, by the views of the graph.
 *
 * A cell keeps, as FastTrack does, only accesses that no later one stands for:
 * b stands for a if a happens before b, b covers a's bytes, and b is a write or
 * a is none, for then whatever races with a races with b. (C. Flanagan, S.
 * Freund, "FastTrack: efficient and precise dynamic race detection", PLDI 2009;
 * that two reads are both kept unless ordered is the rest of it.)
 *
 * Each pair of accesses is checked when the second of them takes place in an
 * execution, be it replayed: so races are found whatever the order in which a
 * graph is replayed, and which views it had when it was first explored.
 */
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "memory.h"
#include "race.h"
#include "report.h"
#include "violation.h"

/* Who accesses now. */
struct side {
	unsigned thread;
	uint16_t time; /* as struct access has it */
	const struct view *view;
	const void *pc;
	uintptr_t a;
	size_t size;
	const char *what;
};

static const char freeing[] = "free";

/* The bytes of a's cell that [a, a + size) has. */
static inline uint8_t bytes_at(uintptr_t a, size_t size)
{
	unsigned offset = a & 7;
	unsigned n = size < 8 - offset ? (unsigned)size : 8 - offset;

	return (uint8_t)(((1u << n) - 1) << offset);
}

/* What a thread has seen before its next event; in a replay it stands before
 * its end. */
static const struct view *view_of(const struct graph *g, unsigned thread)
{
	static const struct view nothing;
	unsigned n = threads[thread].next;
	eid last = n ? g->at[thread][n - 1] : g->created[thread];

	return last == NOTHING ? &nothing : &g->events[last].hb;
}

static bool is_before(const struct access *a, const struct side *s)
{
	return a->thread == s->thread || s->view->of[a->thread] >= a->time;
}

static const char *event_name(const struct event *e)
{
	if (e->flags & EVENT_EXCLUSIVE)
		return "atomic read-modify-write";
	return e->flags & EVENT_WRITES ? "atomic write" : "atomic read";
}

static void raise_race(const struct side *s, unsigned other, unsigned time,
		       const char *what)
{
	struct violation v = {
		.kind = s->what == freeing || what == freeing ? USE_AFTER_FREE
							      : DATA_RACE,
		.thread = s->thread,
		.pc = s->pc,
		.other = other,
		.other_time = time,
		.has_other = true,
		.address = s->a,
	};

	snprintf(v.text, sizeof(v.text),
		 "%s of %zu bytes at %#lx by thread %u, and %s by thread %u",
		 s->what, s->size, (unsigned long)s->a, s->thread, what, other);
	violation_race(&v);
}

/* ---- against plain accesses ---- */

/* False: raised. */
static bool check_cell(const struct cell *c, const struct side *s,
		       uint8_t bytes, bool write)
{
	for (unsigned i = 0; i < CELL_ACCESSES && c->accesses[i].time; i++) {
		const struct access *a = &c->accesses[i];
		bool wrote = c->writes >> i & 1;

		if (a->bytes & bytes && (write || wrote) && !is_before(a, s)) {
			raise_race(s, a->thread, a->time - 1u,
				   !wrote     ? "plain read"
				   : c->freed ? freeing
					      : "plain write");
			return false;
		}
	}
	return true;
}

/* The place to give up: of an access that happens before this one if there is
 * any. Others may be lost, but only where more than CELL_ACCESSES are unordered
 * or overlap in parts. */
static unsigned victim(const struct cell *c, const struct side *s)
{
	for (unsigned i = CELL_ACCESSES - 1; i; i--)
		if (is_before(&c->accesses[i], s))
			return i;
	return CELL_ACCESSES - 1;
}

/* Keep those that this one does not stand for, and put it at the front. */
static void note(struct cell *c, const struct side *s, uint8_t bytes,
		 bool write)
{
	struct access mine = { s->time, (uint8_t)s->thread, bytes };
	unsigned n = 0, writes = 0, i;

	for (i = 0; i < CELL_ACCESSES && c->accesses[i].time; i++) {
		struct access a = c->accesses[i];
		unsigned wrote = c->writes >> i & 1;

		if (a.thread == s->thread && a.time == s->time &&
		    wrote == write) {
			mine.bytes |= a.bytes;
			continue;
		}
		if (!(a.bytes & ~bytes) && wrote <= write && is_before(&a, s))
			continue;
		c->accesses[n] = a;
		writes |= wrote << n++;
	}
	while (i > n)
		c->accesses[--i].time = 0;
	if (n == CELL_ACCESSES)
		n = victim(c, s);
	c->accesses[n] = c->accesses[0];
	writes = (writes & ~(1u << n) & ~1u) | (writes & 1) << n;
	c->accesses[0] = mine;
	c->writes = (uint8_t)(writes | write);
}

/* ---- against the graph ---- */

static const struct location *location_of(const struct graph *g,
					  unsigned number)
{
	return &g->location[number - 1];
}

/* Of a key that is not hidden. */
static uintptr_t place(uintptr_t key)
{
	return key & ((UINT64_C(1) << INCARNATION_SHIFT) - 1);
}

static uint8_t location_bytes(const struct location *l)
{
	return bytes_at(place(l->key), l->size);
}

/* The first event that is neither before nor after this side, and conflicts. */
static const struct event *unordered_event(const struct graph *g,
					   const struct location *l,
					   const struct side *s, bool write)
{
	const struct event *e;

	for (eid i = l->newest; i != NOTHING; i = e->same) {
		e = &g->events[i];
		if (e->thread != s->thread &&
		    (write || e->flags & EVENT_WRITES) &&
		    !view_has(s->view, e->thread, e->index) &&
		    e->hb.of[s->thread] < s->time)
			return e;
	}
	return NULL;
}

/* Locations that have some of these bytes become plain memory again. */
static void make_plain(const struct graph *g, struct cell *c, uint8_t bytes)
{
	while (c->atomic & bytes) {
		unsigned at = (unsigned)__builtin_ctz(c->atomic & bytes);

		c->atomic &= (uint8_t)~location_bytes(
			location_of(g, c->location[at]));
	}
}

/* False: raised. */
static bool check_graph(const struct graph *g, const struct cell *c,
			const struct side *s, uint8_t bytes, bool write)
{
	const struct location *l;
	const struct event *e;

	for (bytes &= c->atomic; bytes; bytes &= (uint8_t)~location_bytes(l)) {
		l = location_of(g, c->location[__builtin_ctz(bytes)]);
		e = unordered_event(g, l, s, write);
		if (e) {
			raise_race(s, e->thread, e->index, event_name(e));
			return false;
		}
	}
	return true;
}

/* ---- plain accesses ---- */

/* Has this thread done as much to these bytes since its last event? Then
 * whoever came between has been checked against that. */
static inline bool repeats(const struct cell *c, uint8_t bytes, bool write)
{
	const struct access *a = &c->accesses[0];

	return a->time == running->next + 1 && &threads[a->thread] == running &&
	       !(bytes & ~a->bytes) && (!write || c->writes & 1);
}

static struct side this_side(uintptr_t a, size_t size, const void *pc,
			     const char *what)
{
	unsigned thread = (unsigned)(running - threads);

	return (struct side){
		.thread = thread,
		.time = (uint16_t)(running->next + 1),
		.view = view_of(graph, thread),
		.pc = pc,
		.a = a,
		.size = size,
		.what = what,
	};
}

static void plain_in_cell(struct cell *c, const struct side *s, uint8_t bytes,
			  bool write)
{
	if (!check_cell(c, s, bytes, write))
		return;
	note(c, s, bytes, write);
	if (check_graph(graph, c, s, bytes, write) && write)
		make_plain(graph, c, bytes);
}

static void plain_slow(uintptr_t a, size_t size, bool write, const void *pc)
{
	struct side s =
		this_side(a, size, pc, write ? "plain write" : "plain read");

	for (uintptr_t end = a + size; a < end; a = (a | 7) + 1) {
		struct cell *c = memory_cell(a);

		if (c)
			plain_in_cell(c, &s, bytes_at(a, end - a), write);
	}
}

static bool on_own_stack(uintptr_t a)
{
	return a >= (uintptr_t)running->fiber->low &&
	       a < (uintptr_t)running->fiber->top;
}

void race_plain(uintptr_t a, size_t size, bool write, const void *pc)
{
	const struct cell *c;

	if (tracing)
		report_access(a, size, write, pc);
	if (write && !on_own_stack(a))
		engine_effect(running);
	if ((a & 7) + size <= 8) {
		c = memory_cell(a);
		if (!c || repeats(c, bytes_at(a, size), write))
			return;
	}
	plain_slow(a, size, write, pc);
}

void race_free(uintptr_t a, size_t size, const void *pc)
{
	struct side s = this_side(a, size, pc, freeing);

	for (uintptr_t end = a + size; a < end; a = (a | 7) + 1) {
		struct cell *c = memory_cell(a);
		uint8_t bytes = bytes_at(a, end - a);

		if (!c)
			continue;
		if (!check_cell(c, &s, bytes, true) ||
		    !check_graph(graph, c, &s, bytes, true))
			return;
		note(c, &s, bytes, true);
		c->freed = true;
	}
}

/* ---- atomic accesses ---- */

static uint64_t load(uintptr_t a, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, (void *)a, size);
	return value;
}

/* Its number plus one, with the value of memory. */
static unsigned enter(struct graph *g, uintptr_t key, unsigned size)
{
	unsigned i = graph_location(g, key, size, load(place(key), size));

	if (i != NOTHING)
		return i + 1;
	violation_raise(UNSUPPORTED, NULL, "more than %d atomic locations",
			LOCATIONS_MAX);
	return 0;
}

/* Of each location: the write whose value memory has; NOTHING: as before. */
static eid shown[LOCATIONS_MAX];

static bool is_held(const struct cell *c, uintptr_t a, unsigned number)
{
	return c->atomic >> (a & 7) & 1 && c->location[a & 7] == number;
}

static void hold(struct cell *c, uint8_t bytes, unsigned number)
{
	shown[number - 1] = NOTHING;
	c->atomic |= bytes;
	for (unsigned i = 0; i < 8; i++)
		if (bytes >> i & 1)
			c->location[i] = (uint16_t)number;
}

/* Memory gets the value, if it has none that is later in co. */
static void show(const struct graph *g, const struct event *w)
{
	eid *last = &shown[w->location];

	if (*last != NOTHING && g->events[*last].co > w->co)
		return;
	*last = graph_id(g, w);
	memcpy((void *)w->op.key, &w->written, w->op.size);
}

/* The key of the incarnation that follows those which these bytes had. */
static uintptr_t next_key(const struct graph *g, const struct cell *c,
			  uintptr_t a, uint8_t bytes)
{
	uintptr_t next = 0;

	for (unsigned i = 0; i < 8; i++)
		if (bytes >> i & 1 && c->location[i]) {
			uintptr_t k = location_of(g, c->location[i])->key;

			k = (k >> INCARNATION_SHIFT) + 1;
			next = k > next ? k : next;
		}
	if (next >= INCARNATIONS_MAX)
		violation_raise(UNSUPPORTED, NULL,
				"%#lx is initialised more than %d times",
				(unsigned long)a, INCARNATIONS_MAX);
	return a | next % INCARNATIONS_MAX << INCARNATION_SHIFT;
}

/* No event of locations with other bounds is left to be ordered. */
static bool may_change_bounds(const struct graph *g, unsigned thread,
			      const struct cell *c, uint8_t bytes)
{
	struct side s = {
		.thread = thread,
		.time = (uint16_t)(threads[thread].next + 1),
		.view = view_of(g, thread),
	};
	const struct location *l;

	for (bytes &= c->atomic; bytes; bytes &= (uint8_t)~location_bytes(l)) {
		l = location_of(g, c->location[__builtin_ctz(bytes)]);
		if (unordered_event(g, l, &s, true))
			return false;
	}
	return true;
}

unsigned race_location(struct graph *g, unsigned thread, uintptr_t a,
		       unsigned size)
{
	struct cell *c = memory_cell(a);
	uint8_t bytes = bytes_at(a, size);
	unsigned number;

	if (!c)
		return enter(g, a, size);
	if (c->atomic >> (a & 7) & 1) {
		const struct location *l = location_of(g, c->location[a & 7]);

		if (place(l->key) == a && l->size == size)
			return c->location[a & 7];
	}
	if ((a & 7) + size > 8 || !may_change_bounds(g, thread, c, bytes))
		violation_raise(UNSUPPORTED, NULL,
				"atomic accesses of different sizes at %#lx",
				(unsigned long)a);
	make_plain(g, c, bytes);
	number = enter(g, next_key(g, c, a, bytes), size);
	if (number)
		hold(c, bytes, number);
	return number;
}

/* Of a read-modify-write the first half stands for both. */
void race_event(const struct graph *g, const struct event *e)
{
	uintptr_t a = e->op.key >> 56 ? 0 : e->op.key;
	unsigned number = e->location + 1u;
	uint8_t bytes = bytes_at(a, e->op.size);
	struct cell *c = a ? memory_cell(a) : NULL;
	struct side s = {
		.thread = e->thread,
		.time = (uint16_t)(e->index + 1),
		.view = &e->hb,
		.pc = e->op.pc,
		.a = a,
		.size = e->op.size,
		.what = event_name(e),
	};

	if (!c)
		return;
	if (!is_held(c, a, number)) {
		make_plain(g, c, bytes);
		hold(c, bytes, number);
	}
	check_cell(c, &s, bytes, e->flags & (EVENT_WRITES | EVENT_EXCLUSIVE));
	if ((e->flags & EVENT_EXCLUSIVE) && (e->flags & EVENT_READS))
		e = graph_event(g, e->thread, e->index + 1u);
	if (e->flags & EVENT_WRITES)
		show(g, e);
}
