/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cell.h"
#include "heap.h"
#include "missing.h"
#include "tell.h"
#include "text.h"
#include "where.h"

/* Bytes that the violation is about, from its address on. */
static size_t extent(void)
{
	const struct block *b =
		in_heap(violation.address) ? block_of(violation.address) : NULL;
	const struct record *r = record_first(violation.thread);

	for (; r; r = r->next)
		if (r->plain && !r->next && r->address == violation.address)
			return r->size;
	if (violation.kind == USE_AFTER_FREE && b)
		return b->start + b->size - violation.address;
	return 1;
}

bool tell_touches(const struct record *r)
{
	return violation.address &&
	       record_touches(r, violation.address, extent());
}

/* The row of the access that ended the execution; NULL: it has none. */
static struct row *second_access(struct diagram *d)
{
	for (unsigned i = d->n; i-- > 0;)
		if (d->rows[i].thread == violation.thread)
			return d->rows[i].pc == violation.pc ? &d->rows[i]
							     : NULL;
	return NULL;
}

/* The event of the other thread that is next, if it is the atomic access. */
bool tell_is_other(const struct event *e)
{
	return e->index == violation.other_time && e->location != NOTHING &&
	       e->op.key < violation.address + extent() &&
	       violation.address < e->op.key + e->op.size;
}

static bool reads(const struct row *r)
{
	return r && !r->end &&
	       !(r->event ? r->write != NULL : r->record->write);
}

/* The other side: an access to the same bytes between the same events, first of
 * all a plain one. */
static struct row *first_access(struct diagram *d, const struct row *second)
{
	struct row *best = NULL;

	for (unsigned i = 0; i < d->n; i++) {
		struct row *r = &d->rows[i];

		if (r->thread != violation.other || r->end ||
		    (reads(r) && reads(second)))
			continue;
		if (r->event ? tell_is_other(r->event) && !best
			     : r->record->index == violation.other_time &&
				       tell_touches(r->record))
			best = r;
	}
	return best;
}

static void remark(struct row *r, const struct row *other)
{
	char *text;

	if (r && other &&
	    asprintf(&text, "<==" TIED "%s" TIED "row" TIED "%u",
		     violation.kind == DATA_RACE ? "race," : "see",
		     other->number) > 0)
		r->remark = text;
}

static void print_missing(const struct diagram *d, FILE *f)
{
	const struct event *end = graph_end(d->graph, violation.thread);
	unsigned after = violation.other_time + 1;
	struct missing m;

	if (end && end->hb.of[violation.other] >= after) {
		fputs("One happens before the other.\n", f);
		return;
	}
	m = missing_edge(d, violation.other, after, violation.thread);

	if (!m.read) {
		fprintf(f,
			"Nothing orders them: %s has read nothing that %s "
			"wrote after its access.\n",
			diagram_thread(violation.thread),
			diagram_thread(violation.other));
		return;
	}
	fprintf(f, "Row %u reads from row %u, but does not synchronize with it",
		m.read->number, m.write->number);
	if (m.release)
		fprintf(f, ": row %u is no release", m.write->number);
	if (m.acquire)
		fprintf(f, "%s row %u is no acquire", m.release ? "," : ":",
			m.read->number);
	fputs(".\n", f);
}

static void print_stack(const struct row *r, FILE *f)
{
	if (!r || !r->record)
		return;
	fprintf(f, "\nrow %u, %s\n", r->number, diagram_thread(r->thread));
	record_print_stack(f, r->record);
}

static void add_side(struct text *t, const struct row *r)
{
	bool write =
		r->event ? r->write != NULL : r->record && r->record->write;

	text_add(t, "%s %s by %s at %s", r->event ? "atomic" : "plain",
		 write ? "write" : "read", diagram_thread(r->thread),
		 where_line(r->pc));
}

/* The text of a race, with the names that the runtime has no time for. */
static void name_race(const struct row *first, const struct row *second)
{
	char name[64];
	struct text t;

	if (violation.kind != DATA_RACE || !first || !second ||
	    (!second->event && !second->record))
		return;
	t = text_in(violation.text, sizeof(violation.text));
	where_data(violation.address, 1, name, sizeof(name));
	text_add(&t, "%s: ", name);
	add_side(&t, first);
	text_add(&t, ", ");
	add_side(&t, second);
	text_add(&t, ", unordered");
}

void tell_race(struct diagram *d, FILE *f)
{
	struct row *second, *first;

	if (!second_access(d))
		diagram_end(d, violation.thread, violation.pc,
			    violation_names[violation.kind]);
	diagram_number(d);
	second = second_access(d);
	first = first_access(d, second);
	remark(first, second);
	remark(second, first);
	name_race(first, second);
	tell_table(d, f);
	print_missing(d, f);
	print_stack(first, f);
	tell_now(second, f);
}
