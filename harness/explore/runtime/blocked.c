/* SPDX-License-Identifier: MIT */
#include "blocked.h"

#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "race.h"
#include "text.h"

static bool is_blocked(const struct thread *t)
{
	return t->standing != STANDING_NONE && t->standing != STANDING_ENDED;
}

/* Of its loop the read that it would do next. */
static const void *stands_at(const struct thread *t)
{
	return t->op ? t->op->pc : NULL;
}

static bool spins(const struct thread *t)
{
	return t->standing == STANDING_SPINS || !t->op || !t->op->what;
}

static void add_wait(const struct thread *t, struct text *text)
{
	if (spins(t)) {
		text_add(text, "spins for ever");
		return;
	}
	text_add(text, "blocked in ");
	cell_call(t->op, text);
}

void blocked_rows(struct diagram *d)
{
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		char line[128];
		struct text t = text_in(line, sizeof(line));

		if (!is_blocked(&threads[i]))
			continue;
		add_wait(&threads[i], &t);
		diagram_end(d, i, stands_at(&threads[i]), strdup(line));
	}
}

/* The newest of its incarnations; -1: none. */
static int location_of(const struct graph *g, uintptr_t key)
{
	int found = -1;

	for (unsigned i = 0; i < g->locations; i++)
		if (g->location[i].key == key ||
		    race_address(g->location[i].key) == key)
			found = (int)i;
	return found;
}

/* The last write to it by another thread; NOTHING: none. */
static eid last_by_others(const struct graph *g, int location, unsigned thread)
{
	eid w = location < 0 ? NOTHING : g->location[location].co_last;

	while (w != NOTHING && g->events[w].thread == thread)
		w = g->events[w].co_before;
	return w;
}

static void print_last(const struct diagram *d, int location, unsigned thread,
		       FILE *f)
{
	const struct graph *g = d->graph;
	eid last = last_by_others(g, location, thread);
	const struct row *row = diagram_row(d, last);

	if (last == NOTHING)
		fputs("no other thread changes it", f);
	else if (row)
		fprintf(f, "row %u (%s) was the last to change it", row->number,
			diagram_thread(row->thread));
	else
		fprintf(f, "%s was the last to change it",
			diagram_thread(g->events[last].thread));
	fputs(", and nobody is left who could\n", f);
}

static void print_spin(const struct diagram *d, unsigned thread, FILE *f)
{
	const struct graph *g = d->graph;

	for (unsigned i = threads[thread].loop; i < g->length[thread]; i++) {
		const struct event *e = graph_event(g, thread, i);
		char value[64];
		struct text t = text_in(value, sizeof(value));

		if (!(e->flags & EVENT_READS))
			continue;
		cell_value(e->read, e->op.size, &t);
		fprintf(f, "  reads %s = %s again and again: ",
			cell_variable(g, e->location), value);
		print_last(d, e->location, thread, f);
	}
}

static bool joins(const struct thread *t)
{
	return t->op && t->op->key >> 56 == HIDDEN_THREAD;
}

static bool sleeps(const struct thread *t)
{
	return t->op && (t->op->key >> 56 == HIDDEN_QUEUE ||
			 t->op->key >> 56 == HIDDEN_SLEEPERS);
}

/* The last row that called to wake those who sleep there; NULL: none. */
static const struct row *last_call(const struct diagram *d, unsigned thread)
{
	int location = location_of(d->graph, threads[thread].op->key);

	return diagram_row(d, last_by_others(d->graph, location, thread));
}

static bool is_lost(const struct diagram *d, unsigned thread)
{
	const struct row *call =
		sleeps(&threads[thread]) ? last_call(d, thread) : NULL;

	return call && call->write && !cell_wakes(call->write->written);
}

void blocked_name(const struct diagram *d, struct text *t)
{
	const char *between = "";

	for (unsigned i = 0; i < THREADS_MAX; i++) {
		if (!is_blocked(&threads[i]) || joins(&threads[i]))
			continue;
		text_add(t, "%s%s ", between, diagram_thread(i));
		add_wait(&threads[i], t);
		if (is_lost(d, i))
			text_add(t, ", the wake-up was lost");
		between = "; ";
	}
}

static void print_sleep(const struct diagram *d, unsigned thread, FILE *f)
{
	const struct row *call = last_call(d, thread);

	if (!call)
		fputs("  nobody has called to wake it", f);
	else if (is_lost(d, thread))
		fprintf(f,
			"  lost wake-up: row %u called before it slept, and "
			"woke nobody",
			call->number);
	else
		fprintf(f, "  the last to call there was row %u", call->number);
	fputs("; nobody is left who could\n", f);
}

static void print_call(const struct diagram *d, unsigned thread, FILE *f)
{
	const struct thread *t = &threads[thread];

	if (joins(t)) {
		fprintf(f, "  waits for the end of %s\n",
			diagram_thread((unsigned)t->op->key));
	} else if (sleeps(t)) {
		print_sleep(d, thread, f);
	} else {
		fputs("  waits: ", f);
		print_last(d, location_of(d->graph, t->op->key), thread, f);
	}
}

void blocked_print(const struct diagram *d, FILE *f)
{
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		const struct thread *t = &threads[i];
		char line[128];
		struct text wait = text_in(line, sizeof(line));

		if (!is_blocked(t))
			continue;
		add_wait(t, &wait);
		fprintf(f, "\n%s ", diagram_thread(i));
		cell_print_words(line, (unsigned)wait.n, f);
		fputc('\n', f);
		if (spins(t))
			print_spin(d, i, f);
		else
			print_call(d, i, f);
		record_print_now(f, i, stands_at(t));
	}
}
