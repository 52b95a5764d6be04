/* SPDX-License-Identifier: MIT */
#include "diagram.h"

#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "order.h"
#include "text.h"
#include "where.h"

/* ---- rows ---- */

static struct row *add_row(struct diagram *d, struct row r)
{
	r.times = 1;
	d->rows[d->n] = r;
	return &d->rows[d->n++];
}

/* The thread's plain accesses from *r on, up to its event of this index. */
static const struct record *add_records(struct diagram *d,
					const struct record *r, unsigned index,
					bool (*wanted)(const struct record *))
{
	for (; r && (r->plain ? r->index <= index : r->index < index);
	     r = r->next)
		if (r->plain && wanted(r))
			add_row(d, (struct row){ .thread = r->thread,
						 .record = r,
						 .pc = r->pc });
	return r;
}

/* Not what calls do besides; and an update is one row. */
static bool is_shown(const struct event *e)
{
	if (e->op.quiet || (e->op.key >> 56 && !e->op.what))
		return false;
	return !(e->flags & EVENT_EXCLUSIVE) || !(e->flags & EVENT_WRITES);
}

static const struct event *write_of(const struct graph *g,
				    const struct event *e)
{
	unsigned next = e->index + 1U;

	if (e->flags & EVENT_WRITES)
		return e;
	if (!(e->flags & EVENT_EXCLUSIVE) || next == g->length[e->thread])
		return NULL;
	return graph_event(g, e->thread, next);
}

static unsigned count_records(void)
{
	unsigned n = 0;

	for (unsigned t = 0; t < THREADS_MAX; t++)
		for (struct record *r = record_first(t); r; r = r->next)
			n++;
	return n;
}

struct diagram diagram_of(const struct graph *g, unsigned last,
			  bool (*wanted)(const struct record *r))
{
	static eid order[EVENTS_MAX];
	const struct record *at[THREADS_MAX];
	struct diagram d = { .graph = g };
	unsigned n = order_events(g, NULL, order);

	d.rows = calloc(n + count_records() + 2 * THREADS_MAX,
			sizeof(d.rows[0]));
	if (!d.rows)
		abort();
	for (unsigned t = 0; t < THREADS_MAX; t++)
		at[t] = record_first(t);
	for (unsigned i = 0; i < n; i++) {
		const struct event *e = &g->events[order[i]];
		const struct record **r = &at[e->thread];

		bool seen;

		*r = add_records(&d, *r, e->index, wanted);
		seen = *r && (*r)->index == e->index;
		if (is_shown(e))
			add_row(&d, (struct row){ .thread = e->thread,
						  .event = e,
						  .write = write_of(g, e),
						  .record = seen ? *r : NULL,
						  .pc = e->op.pc });
	}
	for (unsigned i = 1; i <= THREADS_MAX; i++) {
		unsigned t = (last + i) % THREADS_MAX; /* `last` at last */

		add_records(&d, at[t], EVENTS_MAX, wanted);
	}
	return d;
}

struct row *diagram_end(struct diagram *d, unsigned thread, const void *pc,
			const char *text)
{
	return add_row(d,
		       (struct row){ .thread = thread, .pc = pc, .end = text });
}

const struct row *diagram_row(const struct diagram *d, eid id)
{
	const struct event *e = &d->graph->events[id];

	for (unsigned i = 0; id != NOTHING && i < d->n; i++)
		if (d->rows[i].event == e || d->rows[i].write == e)
			return &d->rows[i];
	return NULL;
}

const struct row *diagram_newest(const struct diagram *d, const struct row *r)
{
	const struct row *best = NULL;

	for (const struct row *w = d->rows; w < r; w++) {
		if (!w->write || w->write->location != r->event->location)
			continue;
		if (!best || w->write->co > best->write->co)
			best = w;
	}
	return best;
}

bool diagram_overtaken(const struct diagram *d, const struct row *r)
{
	const struct event *e = r->event;
	const struct row *above;

	if (!e || e->location == NOTHING || cell_is_call(e))
		return false;
	above = diagram_newest(d, r);
	if (!above)
		return false;
	if (e->flags & EVENT_READS)
		return order_older(d->graph, e->rf,
				   graph_id(d->graph, above->write));
	return above->write->co > e->co;
}

/* Nothing but a repetition, to which no other row refers. */
static bool repeats(const struct row *a, const struct row *b)
{
	if (a->thread != b->thread || a->pc != b->pc || a->end || b->end ||
	    a->remark || b->remark || !a->event != !b->event)
		return false;
	if (a->event)
		return b->event->location != NOTHING && !b->write &&
		       !b->event->op.what &&
		       a->event->location == b->event->location &&
		       a->event->op.kind == b->event->op.kind &&
		       a->event->rf == b->event->rf;
	return a->record->address == b->record->address &&
	       a->record->value == b->record->value;
}

void diagram_number(struct diagram *d)
{
	unsigned n = 0;

	for (unsigned i = 0; i < d->n; i++) {
		if (n && repeats(&d->rows[n - 1], &d->rows[i])) {
			d->rows[n - 1].times++;
			continue;
		}
		d->rows[n] = d->rows[i];
		d->rows[n].number = n + 1;
		n++;
	}
	d->n = n;
}

const char *diagram_thread(unsigned thread)
{
	static char names[THREADS_MAX][64];
	const char *start = where_function((void *)threads[thread].start);

	if (thread == 0)
		return "main";
	snprintf(names[thread], sizeof(names[thread]), "T%u%s%s", thread,
		 start ? " " : "", start ? start : "");
	return names[thread];
}

/* ---- layout ---- */

enum { CELL = 256, PLACE = 26, GAP = 2, NARROW = 14 };

struct layout {
	unsigned place;		     /* width of file:line */
	unsigned width[THREADS_MAX]; /* 0: no such column */
};

static unsigned longest(unsigned a, size_t b)
{
	return a > b ? a : (unsigned)b;
}

/* As wide as if there were no limit. */
static void natural(const struct diagram *d, struct layout *l)
{
	char text[CELL];

	for (unsigned i = 0; i < d->n; i++) {
		const struct row *r = &d->rows[i];
		struct text t = text_in(text, sizeof(text));

		cell_print(d, r, &t);
		l->place = longest(l->place, strlen(where_line(r->pc)));
		l->width[r->thread] =
			longest(longest(l->width[r->thread], t.n),
				strlen(diagram_thread(r->thread)));
	}
	if (l->place > PLACE)
		l->place = PLACE;
}

/* Take from the widest what is too much. */
static void squeeze(struct layout *l, unsigned columns)
{
	for (;;) {
		unsigned sum = 4 + l->place, widest = 0;

		for (unsigned t = 0; t < THREADS_MAX; t++) {
			sum += l->width[t] ? l->width[t] + GAP : 0;
			if (l->width[t] > l->width[widest])
				widest = t;
		}
		if (sum <= columns || l->width[widest] <= NARROW)
			return;
		l->width[widest]--;
	}
}

/* The words of *text that fit, at least one; moves on to the rest. */
static unsigned line_of(const char **text, unsigned width)
{
	const char *at = *text;
	size_t n = strlen(at), end = n;

	if (n > width) {
		for (end = width; end > 0 && at[end] != ' '; end--)
			;
		if (end == 0)
			end = strcspn(at, " ");
	}
	*text = at + end + strspn(at + end, " ");
	return (unsigned)end;
}

/* Everything left of the thread's column: of the first line of a row its number
 * and its place, an empty mark in the columns of others. */
static void indent(const struct layout *l, const struct row *r, bool first,
		   FILE *f)
{
	const char *place = where_line(r->pc);
	size_t n = strlen(place);

	if (first)
		fprintf(f, "%3u %-*s", r->number, l->place,
			n > l->place ? place + n - l->place : place);
	else
		fprintf(f, "%*s", 4 + l->place, "");
	for (unsigned t = 0; t < r->thread; t++)
		if (l->width[t])
			fprintf(f, "%*s", GAP + l->width[t], "");
	fprintf(f, "%*s", GAP, "");
}

static void print_row(const struct diagram *d, const struct layout *l,
		      const struct row *r, FILE *f)
{
	unsigned width = l->width[r->thread], n;
	char text[CELL];
	const char *rest = text;
	struct text t = text_in(text, sizeof(text));

	cell_print(d, r, &t);
	for (bool first = true; first || *rest; first = false) {
		const char *line = rest;

		indent(l, r, first, f);
		n = line_of(&rest, first ? width : width - 2);
		fputs(first ? "" : "  ", f);
		cell_print_words(line, n, f);
		fputc('\n', f);
	}
}

static void print_head(const struct layout *l, FILE *f)
{
	unsigned blank = 4 + l->place;

	for (unsigned t = 0; t < THREADS_MAX; t++) {
		const char *name = diagram_thread(t);

		if (!l->width[t])
			continue;
		fprintf(f, "%*s%.*s", GAP + blank, "", l->width[t], name);
		blank = longest(l->width[t], strlen(name)) -
			(unsigned)strlen(name);
	}
	fputc('\n', f);
}

void diagram_print(const struct diagram *d, unsigned columns, FILE *f)
{
	struct layout l = { 0 };

	natural(d, &l);
	squeeze(&l, columns);
	print_head(&l, f);
	for (unsigned i = 0; i < d->n; i++)
		print_row(d, &l, &d->rows[i], f);
}
