/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blocked.h"
#include "cell.h"
#include "diagram.h"
#include "missing.h"
#include "options.h"
#include "record.h"
#include "start.h"
#include "text.h"
#include "trace.h"
#include "where.h"

enum { COLUMNS = 110 };

/* ---- which plain accesses are shown ---- */

static bool at_violation(const struct record *r)
{
	return violation.address && record_touches(r, violation.address, 1);
}

static bool of_interest(const struct record *r)
{
	if (violation.kind == ASSERTION)
		return record_shared(r);
	return at_violation(r);
}

/* ---- races ---- */

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
static bool is_other(const struct event *e)
{
	return e->index == violation.other_time && e->location != NOTHING &&
	       violation.address - e->op.key < e->op.size;
}

/* The other side: an access to the same bytes between the same events. */
static struct row *first_access(struct diagram *d)
{
	struct row *best = NULL;

	for (unsigned i = 0; i < d->n; i++) {
		struct row *r = &d->rows[i];

		if (r->thread != violation.other)
			continue;
		if (r->event ? is_other(r->event)
			     : r->record->index == violation.other_time &&
				       at_violation(r->record))
			best = best && best->record->write ? best : r;
	}
	return best;
}

static void remark(struct row *r, const struct row *other)
{
	char *text;

	if (r && other &&
	    asprintf(&text, "<==" TIED "races with row" TIED "%u",
		     other->number) > 0)
		r->remark = text;
}

static void print_missing(const struct diagram *d, FILE *f)
{
	struct missing m = missing_edge(
		d, violation.other, violation.other_time + 1, violation.thread);

	if (!m.read) {
		fprintf(f,
			"Nothing orders them: %s has read nothing that %s "
			"wrote after its access.\n",
			diagram_thread(violation.thread),
			diagram_thread(violation.other));
		return;
	}
	fprintf(f,
		"Row %u reads from row %u, but does not synchronize with it: ",
		m.read->number, m.write->number);
	if (m.release)
		fprintf(f, "row %u is no release", m.write->number);
	if (m.acquire)
		fprintf(f, "%srow %u is no acquire", m.release ? ", " : "",
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

/* ---- the page of a report ---- */

/* Does the order of the rows explain what was read, or does it take more? */
static void print_weakness(const struct diagram *d, FILE *f)
{
	unsigned n = 0;

	for (unsigned i = 0; i < d->n; i++) {
		if (!diagram_overtaken(d, &d->rows[i]))
			continue;
		fprintf(f,
			n++ ? ", %u"
			    : "Weak memory: no interleaving of the threads "
			      "explains row %u",
			d->rows[i].number);
	}
	if (n)
		fprintf(f, "; %s allows it.\n", trace_models[page->model]);
}

static void print_table(const struct diagram *d, FILE *f)
{
	fprintf(f, "%s: %s\n\n", violation_names[violation.kind],
		violation.text);
	diagram_print(d, COLUMNS, f);
	fputs("\n<- row N: reads what row N wrote. In brackets the memory "
	      "order; plain: not atomic.\n",
	      f);
	print_weakness(d, f);
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

	if (!first || !second || (!second->event && !second->record))
		return;
	t = text_in(violation.text, sizeof(violation.text));
	where_data(violation.address, 1, name, sizeof(name));
	text_add(&t, "%s: ", name);
	add_side(&t, first);
	text_add(&t, ", ");
	add_side(&t, second);
	text_add(&t, ", unordered");
}

/* The stack of the thread that ended the execution. */
static void print_now(const struct row *r, FILE *f)
{
	fputc('\n', f);
	if (r)
		fprintf(f, "row %u, ", r->number);
	fprintf(f, "%s\n", diagram_thread(violation.thread));
	record_print_now(f, violation.thread, violation.pc);
}

static void tell_race(struct diagram *d, FILE *f)
{
	struct row *second, *first;

	if (!second_access(d))
		diagram_end(d, violation.thread, violation.pc, "here");
	diagram_number(d);
	second = second_access(d);
	first = first_access(d);
	remark(first, second);
	remark(second, first);
	name_race(first, second);
	print_table(d, f);
	print_missing(d, f);
	print_stack(first, f);
	print_now(second, f);
}

static void tell_blocked(struct diagram *d, FILE *f)
{
	blocked_rows(d);
	diagram_number(d);
	print_table(d, f);
	blocked_print(d, f);
}

static void tell_other(struct diagram *d, FILE *f)
{
	char text[64];

	snprintf(text, sizeof(text), "<==" TIED "%s",
		 violation_names[violation.kind]);
	diagram_end(d, violation.thread, violation.pc, text);
	diagram_number(d);
	print_table(d, f);
	fprintf(f, "\n%s\n", diagram_thread(violation.thread));
	record_print_now(f, violation.thread, violation.pc);
}

static void tell(const struct graph *g, FILE *f)
{
	struct diagram d = diagram_of(g, violation.thread, of_interest);

	switch (violation.kind) {
	case DATA_RACE:
		tell_race(&d, f);
		break;
	case DEADLOCK:
	case LIVELOCK:
		tell_blocked(&d, f);
		break;
	default:
		tell_other(&d, f);
	}
	free(d.rows);
}

/* ---- the run of a report ---- */

/* Does it come to a violation again? The run is recorded. */
static struct graph *follow(const struct trace *t)
{
	enum ending ending = ENDING_COMPLETE;
	struct graph *g;

	record_start();
	tracing = true;
	g = search_follow(t->steps, t->n, &ending);
	tracing = false;
	return ending == ENDING_VIOLATION ? g : NULL;
}

/* The last event that the other side of a violation needs; NULL: none. */
static const struct event *other_end(const struct graph *g)
{
	unsigned n = violation.other_time;
	eid created = g->created[violation.other];

	if (!violation.has_other)
		return NULL;
	if (n < g->length[violation.other] &&
	    is_other(graph_event(g, violation.other, n)))
		return graph_event(g, violation.other, n);
	if (n > 0)
		return graph_event(g, violation.other, n - 1);
	return created == NOTHING ? NULL : &g->events[created];
}

/* What the violation cannot be without: the porf-prefix of who did it. */
static struct view needed(const struct graph *g)
{
	const struct event *end = graph_end(g, violation.thread);
	const struct event *other = other_end(g);
	struct view v = { { 0 } };

	switch (violation.kind) {
	case DEADLOCK:
	case LIVELOCK:
	case LEAK:
	case NOT_LINEARIZABLE:
		for (unsigned t = 0; t < g->threads; t++)
			v.of[t] = g->length[t];
		return v;
	default:
		if (end)
			v = end->porf;
		return other ? view_join(v, other->porf) : v;
	}
}

/* A trace that leads to `found` again, as short as we know; the run is recorded
 * and its graph returned. NULL: none does. */
static struct graph *minimise(const struct graph *g, struct trace *t)
{
	const struct violation found = violation;
	const struct view keep = needed(g);
	struct graph *told;

	*t = trace_of(g, &keep);
	told = follow(t);
	if (told && violation.kind == found.kind)
		return told;
	free(t->steps);
	*t = trace_of(g, NULL);
	told = follow(t);
	if (told && violation.kind == found.kind)
		return told;
	violation = found;
	return NULL;
}

/* ---- where it goes ---- */

static FILE *open_report(void)
{
	FILE *f = page->report[0] ? fopen(page->report, "w") : console;

	if (f)
		return f;
	fprintf(console, "%s: %s\n", page->report, strerror(errno));
	return console;
}

static void close_report(FILE *f)
{
	if (f == console ? fflush(f) : fclose(f))
		fprintf(console, "%s: %s\n", page->report, strerror(errno));
}

/* Of all jobs; they come here at any time. */
static bool is_first(void)
{
	uint32_t none = NO_VIOLATION;

	return __atomic_compare_exchange_n(&page->violation_kind, &none,
					   violation.kind, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static void publish(void)
{
	page->violation_kind = violation.kind;
	snprintf(page->violation_text, sizeof(page->violation_text), "%s",
		 violation.text);
}

void report_violation(struct graph *g)
{
	struct graph *told;
	struct trace t;
	FILE *f;

	if (!is_first())
		return;
	told = minimise(g, &t);
	f = open_report();
	if (!told)
		record_start(); /* what was recorded is another run */
	tell(told ? told : g, f);
	publish();
	if (!told)
		fputs("\nA second run along this graph ended differently: "
		      "the program depends on\nsomething that the explorer "
		      "does not decide.\n",
		      f);
	close_report(f);
	if (page->trace[0])
		trace_save(&t, &violation, page->trace);
	free(t.steps);
}

bool report_replay(const char *file)
{
	struct graph *g;
	struct trace t;
	FILE *f;

	if (!trace_load(&t, file))
		return false;
	g = follow(&t);
	free(t.steps);
	if (!g) {
		fprintf(console,
			"%s: the program does not come to a violation "
			"along it\n",
			file);
		return false;
	}
	f = open_report();
	tell(g, f);
	publish();
	close_report(f);
	return true;
}
