/* SPDX-License-Identifier: MIT */
#include "cell.h"

#include <stdlib.h>
#include <string.h>

#include "order.h"
#include "where.h"

static const char *const orders[] = {
	[__ATOMIC_RELAXED] = "rlx",	[__ATOMIC_CONSUME] = "con",
	[__ATOMIC_ACQUIRE] = "acq",	[__ATOMIC_RELEASE] = "rel",
	[__ATOMIC_ACQ_REL] = "acq_rel", [__ATOMIC_SEQ_CST] = "sc",
};

void cell_print_words(const char *at, unsigned n, FILE *f)
{
	for (; n--; at++)
		fputc(*at == *TIED ? ' ' : *at, f);
}

bool cell_is_call(const struct event *e)
{
	return e->op.what && (e->op.key == 0 || e->op.key >> 56);
}

/* ---- names and numbers ---- */

static void add_order(struct text *t, int order)
{
	text_add(t, TIED "(%s)", orders[order]);
}

/* Keys of locations have more in their upper bits. */
#define ADDRESS ((UINT64_C(1) << 48) - 1)

const char *cell_variable(const struct graph *g, unsigned location)
{
	static char names[LOCATIONS_MAX][64];
	static uintptr_t keys[LOCATIONS_MAX];
	const struct location *l = &g->location[location];

	if (!names[location][0] || keys[location] != l->key) {
		keys[location] = l->key;
		where_data(l->key & ADDRESS, l->size, names[location],
			   sizeof(names[location]));
	}
	return names[location];
}

/* A small number below zero, in so many bits? */
static bool is_negative(uint64_t value, unsigned bits, int64_t *number)
{
	uint64_t above = bits < 64 ? ~UINT64_C(0) << bits : 0;

	*number = (int64_t)(value | above);
	return bits && value >> (bits - 1) && *number > -4096;
}

void cell_value(uint64_t value, size_t size, struct text *t)
{
	int64_t number;
	char name[64];

	if (is_negative(value, (unsigned)size * 8, &number)) {
		text_add(t, "%lld", (long long)number);
		return;
	}
	if (value < 100000) {
		text_add(t, "%llu", (unsigned long long)value);
		return;
	}
	if (size == sizeof(void *) &&
	    where_data((uintptr_t)value, WHERE_POINTER, name, sizeof(name)))
		text_add(t, "&%s", name);
	else
		text_add(t, "%#llx", (unsigned long long)value);
}

/* ---- accesses ---- */

static void add_source(const struct diagram *d, const struct row *r,
		       struct text *t)
{
	const struct event *e = r->event;
	const struct row *from = diagram_row(d, e->rf);

	if (e->rf == NOTHING)
		text_add(t, " <-" TIED "initial" TIED "value");
	else if (from)
		text_add(t, " <-" TIED "row" TIED "%u", from->number);
	else
		text_add(t, " <-" TIED "T%u", d->graph->events[e->rf].thread);
	if (diagram_overtaken(d, r))
		text_add(t, ", though row" TIED "%u is" TIED "newer",
			 diagram_newest(d, r)->number);
}

static void add_access(const struct diagram *d, const struct row *r,
		       struct text *t)
{
	const struct event *e = r->event;
	const char *name = cell_variable(d->graph, e->location);
	bool reads = e->flags & EVENT_READS, writes = r->write;

	if (e->op.what)
		text_add(t, "%s: ", e->op.what);
	text_add(t, "%s %s",
		 reads && writes ? "update"
		 : writes	 ? "write"
				 : "read",
		 name);
	text_add(t, reads && writes ? ": " : " = ");
	if (reads)
		cell_value(e->read, e->op.size, t);
	if (reads && writes)
		text_add(t, " -> ");
	if (writes)
		cell_value(r->write->written, e->op.size, t);
	add_order(t, e->order);
	if (reads)
		add_source(d, r, t);
	else if (diagram_overtaken(d, r))
		text_add(t, ", co-before row" TIED "%u",
			 diagram_newest(d, r)->number);
}

/* ---- calls ---- */

/* call_queue.h: up to eight sleepers, and who has just been taken out. */
enum { ENTRIES = 48 };

static uint64_t entries(uint64_t queue)
{
	return queue & ((UINT64_C(1) << ENTRIES) - 1);
}

bool cell_wakes(uint64_t queue)
{
	return queue >> ENTRIES;
}

static void add_woken(struct text *t, uint64_t queue)
{
	const char *between = " wakes";

	for (unsigned i = 0; i < THREADS_MAX - 1; i++) {
		if (!(queue >> (ENTRIES + i) & 1))
			continue;
		text_add(t, i ? "%s T%u" : "%s main", between, i);
		between = ",";
	}
}

/* What a call does to the queue of those who sleep on its object. */
static void add_queue(const struct row *r, struct text *t)
{
	uint64_t before = entries(r->event->read), after;

	if (!r->write) {
		text_add(t, r->event->op.admits ? " is woken"
						: " looks who sleeps");
		return;
	}
	after = entries(r->write->written);
	if (cell_wakes(r->write->written))
		add_woken(t, r->write->written);
	else if (after > before)
		text_add(t, " goes to sleep");
	else
		text_add(t, after < before ? " gives up" : " wakes nobody");
}

void cell_call(const struct op *op, struct text *t)
{
	const char *what = op->what ? op->what : "choice";
	char name[64];

	text_add(t, "%s", what);
	/* which of the two that the wait of a condition does to its mutex */
	if (op->key >> 56 == HIDDEN_LOCK && strstr(what, "wait"))
		text_add(t, op->admits ? " takes" : " releases");
	if (op->object) {
		where_data((uintptr_t)op->object, 0, name, sizeof(name));
		text_add(t, " %s", name);
	}
	if (op->key >> 56 == HIDDEN_THREAD && op->kind == OP_READ)
		text_add(t, " T%u", (unsigned)op->key);
}

static void add_call(const struct diagram *d, const struct row *r,
		     struct text *t)
{
	const struct event *e = r->event;
	const struct row *from = NULL;
	uintptr_t kind = e->op.key >> 56;

	cell_call(&e->op, t);
	if (e->op.kind == OP_CHOICE)
		text_add(t, ", choice %llu of %llu",
			 (unsigned long long)e->read + 1,
			 (unsigned long long)e->op.operand);
	if (kind == HIDDEN_QUEUE || kind == HIDDEN_SLEEPERS)
		add_queue(r, t);
	if ((e->flags & EVENT_READS) && e->rf != NOTHING &&
	    d->graph->events[e->rf].thread != e->thread)
		from = diagram_row(d, e->rf);
	if (from)
		text_add(t, " <-" TIED "row" TIED "%u", from->number);
}

/* ---- plain accesses, and all ---- */

static void add_plain(const struct record *r, struct text *t)
{
	char name[64];

	where_data(r->address, r->size, name, sizeof(name));
	if (r->free) {
		text_add(t, "free %s", name);
		return;
	}
	text_add(t, "%s %s", r->write ? "write" : "read", name);
	if (r->has_value) {
		text_add(t, " = ");
		cell_value(r->value, r->size, t);
	}
	text_add(t, TIED "(plain)");
}

static void add_event(const struct diagram *d, const struct row *r,
		      struct text *t)
{
	const struct event *e = r->event;

	if (e->op.kind == OP_CREATE) {
		text_add(t, "create %s", diagram_thread((unsigned)e->read));
	} else if (e->op.kind == OP_CHOICE || cell_is_call(e)) {
		add_call(d, r, t);
	} else if (e->op.kind == OP_FENCE) {
		text_add(t, "fence");
		add_order(t, e->order);
	} else {
		add_access(d, r, t);
	}
}

void cell_print(const struct diagram *d, const struct row *r, struct text *t)
{
	if (r->end)
		text_add(t, "%s", r->end);
	else if (r->event)
		add_event(d, r, t);
	else
		add_plain(r->record, t);
	if (r->times > 1)
		text_add(t, " (%u times)", r->times);
	if (r->remark)
		text_add(t, " %s", r->remark);
}
