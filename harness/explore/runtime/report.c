/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "record.h"
#include "start.h"
#include "tell.h"
#include "trace.h"

/* ---- the run of a report ---- */

/* Does it come to a violation again? The run is recorded. */
static struct graph *follow(const struct trace *t, uintptr_t about)
{
	enum ending ending = ENDING_COMPLETE;
	struct graph *g;

	record_start(about);
	tracing = true;
	g = search_follow(t->steps, t->n, &ending);
	tracing = false;
	record_finish();
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
	    tell_is_other(graph_event(g, violation.other, n)))
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

/* So many of the steps have been taken when it ended. */
static unsigned taken(const struct graph *g)
{
	struct trace t = trace_of(g, NULL);

	free(t.steps);
	return t.n;
}

/* A trace of these events that leads to `found` again; the run is recorded and
 * its graph returned. NULL: it does not. */
static struct graph *retrace(const struct graph *g, const struct view *keep,
			     const struct violation *found, struct trace *t)
{
	struct graph *told;

	*t = trace_of(g, keep);
	told = follow(t, found->address);
	if (told && violation.kind == found->kind) {
		t->n = taken(told);
		return told;
	}
	free(t->steps);
	violation = *found;
	return NULL;
}

/* As short as we know. */
static struct graph *minimise(const struct graph *g, struct trace *t)
{
	const struct violation found = violation;
	const struct view keep = needed(g);
	struct graph *told = retrace(g, &keep, &found, t);

	if (!told)
		told = retrace(g, NULL, &found, t);
	if (!told)
		*t = trace_of(g, NULL);
	return told;
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
		record_start(0); /* what was recorded is another run */
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
	g = follow(&t, 0);
	if (g) /* now that the address is known */
		g = follow(&t, violation.address);
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
