/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "order.h"
#include "start.h"

enum { VERSION = 1, NOBODY = 0xff };

/* ---- from a graph ---- */

static void name(const struct graph *g, eid id, uint8_t *thread,
		 uint16_t *index)
{
	*thread = NOBODY;
	*index = 0;
	if (id == NOTHING)
		return;
	*thread = g->events[id].thread;
	*index = g->events[id].index;
}

/* The newest write in co that is older than w, of those that stand before. */
static eid follows(const struct graph *g, eid w, const eid *before, unsigned n)
{
	eid best = NOTHING;

	for (unsigned i = 0; i < n; i++) {
		const struct event *e = &g->events[before[i]];

		if ((e->flags & EVENT_WRITES) &&
		    e->location == g->events[w].location &&
		    order_older(g, before[i], w) &&
		    order_older(g, best, before[i]))
			best = before[i];
	}
	return best;
}

/* Of the i-th event of this order. */
static struct step step_of(const struct graph *g, const eid *order, unsigned i)
{
	const struct event *e = &g->events[order[i]];
	eid rf = e->flags & EVENT_READS ? e->rf : NOTHING, co = NOTHING;
	struct step s = { .thread = e->thread };

	if (e->flags & EVENT_WRITES)
		co = follows(g, order[i], order, i);
	name(g, rf, &s.rf_thread, &s.rf_index);
	name(g, co, &s.co_thread, &s.co_index);
	s.choice = e->op.kind == OP_CHOICE ? e->read : 0;
	return s;
}

/* Of an update: its write is where its read says. */
static bool is_second_half(const struct event *e)
{
	return (e->flags & EVENT_EXCLUSIVE) && (e->flags & EVENT_WRITES);
}

struct trace trace_of(const struct graph *g, const struct view *keep)
{
	static eid order[EVENTS_MAX];
	unsigned n = order_events(g, keep, order);
	struct trace t = { .n = 0 };

	t.steps = calloc(n + 1, sizeof(t.steps[0]));
	if (!t.steps)
		abort();
	for (unsigned i = 0; i < n; i++)
		if (!is_second_half(&g->events[order[i]]))
			t.steps[t.n++] = step_of(g, order, i);
	return t;
}

/* ---- words of the head ---- */

const char *const trace_models[] = { "rc11", "sc", "tso", NULL };

static struct option {
	const char *name;
	bool *value;
} * options(void)
{
	static struct option all[] = {
		{ "spurious", NULL },	{ "timeouts", NULL },
		{ "weak-fails", NULL }, { "wake-any", NULL },
		{ "leaks", NULL },	{ NULL, NULL },
	};

	all[0].value = &page->spurious;
	all[1].value = &page->timeouts;
	all[2].value = &page->weak_fails;
	all[3].value = &page->wake_any;
	all[4].value = &page->leaks;
	return all;
}

static void write_head(FILE *f, const struct violation *v)
{
	fprintf(f, "synclab-trace %d\nviolation %s: %s\nmodel %s\noptions",
		VERSION, violation_names[v->kind], v->text,
		trace_models[page->model]);
	for (const struct option *o = options(); o->name; o++)
		if (*o->value)
			fprintf(f, " %s", o->name);
	fputc('\n', f);
	for (unsigned i = 0; i < page->orders; i++)
		fprintf(f, "order %#" PRIxPTR " %d %d\n", page->order[i].pc,
			page->order[i].order, page->order[i].failed);
	fputs("steps\n", f);
}

static void write_place(FILE *f, uint8_t thread, uint16_t index)
{
	if (thread == NOBODY)
		fputs(" -", f);
	else
		fprintf(f, " %u:%u", thread, index);
}

bool trace_save(const struct trace *t, const struct violation *v,
		const char *file)
{
	FILE *f = fopen(file, "w");

	if (!f) {
		fprintf(console, "%s: %s\n", file, strerror(errno));
		return false;
	}
	write_head(f, v);
	for (unsigned i = 0; i < t->n; i++) {
		const struct step *s = &t->steps[i];

		fprintf(f, "%u", s->thread);
		write_place(f, s->rf_thread, s->rf_index);
		write_place(f, s->co_thread, s->co_index);
		fprintf(f, " %" PRIu64 "\n", s->choice);
	}
	if (fclose(f) == 0)
		return true;
	fprintf(console, "%s: %s\n", file, strerror(errno));
	return false;
}

/* ---- read back ---- */

/* The functions below answer NULL, or what is wrong with the line. */

static const char *read_version(const char *rest)
{
	return atoi(rest) == VERSION ? NULL : "another version of traces";
}

static const char *read_model(const char *rest)
{
	for (unsigned i = 0; trace_models[i]; i++) {
		if (strcmp(rest, trace_models[i]) != 0)
			continue;
		page->model = (enum explore_model)i;
		return NULL;
	}
	return "no such model";
}

static const char *read_options(char *rest)
{
	char *word, *left;
	struct option *o;

	for (o = options(); o->name; o++)
		*o->value = false;
	for (word = strtok_r(rest, " ", &left); word;
	     word = strtok_r(NULL, " ", &left)) {
		for (o = options(); o->name && strcmp(o->name, word) != 0; o++)
			;
		if (!o->name)
			return "no such option";
		*o->value = true;
	}
	return NULL;
}

static const char *read_order(const char *rest)
{
	struct explore_order *o = &page->order[page->orders];
	int order, failed;

	if (page->orders == EXPLORE_ORDERS_MAX)
		return "too many orders";
	if (sscanf(rest, "%" SCNxPTR " %d %d", &o->pc, &order, &failed) != 3)
		return "expected: order PC ORDER ORDER";
	o->order = (int8_t)order;
	o->failed = (int8_t)failed;
	page->orders++;
	return NULL;
}

static const char *read_head(char *line)
{
	char *rest = strchr(line, ' ');

	rest = rest ? rest : line + strlen(line);
	if (*rest)
		*rest++ = '\0';
	if (strcmp(line, "synclab-trace") == 0)
		return read_version(rest);
	if (strcmp(line, "model") == 0)
		return read_model(rest);
	if (strcmp(line, "options") == 0)
		return read_options(rest);
	if (strcmp(line, "order") == 0)
		return read_order(rest);
	return strcmp(line, "violation") == 0 ? NULL : "not a line of a trace";
}

static bool read_place(const char *word, uint8_t *thread, uint16_t *index)
{
	unsigned t = NOBODY, i = 0;
	int end = 0;

	if (strcmp(word, "-") != 0 &&
	    (sscanf(word, "%u:%u%n", &t, &i, &end) != 2 || word[end] ||
	     t >= THREADS_MAX || i >= EVENTS_MAX))
		return false;
	*thread = (uint8_t)t;
	*index = (uint16_t)i;
	return true;
}

static const char *read_step(struct trace *t, const char *line)
{
	static const char *const wrong = "expected: THREAD RF CO CHOICE";
	struct step s;
	char rf[16], co[16];
	unsigned thread;
	int end = 0;

	if (sscanf(line, "%u %15s %15s %" SCNu64 "%n", &thread, rf, co,
		   &s.choice, &end) != 4 ||
	    line[end] || thread >= THREADS_MAX ||
	    !read_place(rf, &s.rf_thread, &s.rf_index) ||
	    !read_place(co, &s.co_thread, &s.co_index))
		return wrong;
	if (t->n == EVENTS_MAX)
		return "too many steps";
	s.thread = (uint8_t)thread;
	t->steps[t->n++] = s;
	return NULL;
}

bool trace_load(struct trace *t, const char *file)
{
	const char *wrong = NULL;
	char *line = NULL;
	size_t room = 0;
	unsigned at = 0;
	bool steps = false;
	FILE *f = fopen(file, "r");

	if (!f) {
		fprintf(console, "%s: %s\n", file, strerror(errno));
		return false;
	}
	*t = (struct trace){ calloc(EVENTS_MAX, sizeof(t->steps[0])), 0 };
	if (!t->steps)
		abort();
	page->orders = 0;
	while (!wrong && getline(&line, &room, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (at++ == 0 && strncmp(line, "synclab-trace ", 14) != 0)
			wrong = "not a trace of synclab explore";
		else if (steps)
			wrong = read_step(t, line);
		else if (strcmp(line, "steps") == 0)
			steps = true;
		else
			wrong = read_head(line);
	}
	if (!wrong && !steps)
		wrong = "ends before its steps";
	if (wrong)
		fprintf(console, "%s:%u: %s\n", file, at, wrong);
	free(line);
	fclose(f);
	return !wrong;
}
