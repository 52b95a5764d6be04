/* SPDX-License-Identifier: MIT */
#include "blocked.h"

#include "cell.h"
#include "race.h"
#include "text.h"
#include "where.h"

static bool is_blocked(const struct thread *t)
{
	return t->standing != STANDING_NONE && t->standing != STANDING_ENDED;
}

/* At the first read of its loop, or at a call. */
static const void *stands_at(const struct thread *t)
{
	return t->op ? t->op->pc : NULL;
}

void blocked_rows(struct diagram *d)
{
	for (unsigned i = 0; i < THREADS_MAX; i++)
		if (is_blocked(&threads[i]))
			diagram_end(d, i, stands_at(&threads[i]),
				    threads[i].standing == STANDING_SPINS
					    ? "spins for ever"
					    : "is blocked for ever");
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

/* Who wrote last what it waits for. */
static void print_last(const struct diagram *d, uintptr_t key, FILE *f)
{
	int location = location_of(d->graph, key);
	eid last =
		location < 0 ? NOTHING : d->graph->location[location].co_last;
	const struct row *row = diagram_row(d, last);

	if (row)
		fprintf(f, "last changed by row %u", row->number);
	else if (last == NOTHING)
		fputs("never written", f);
	else
		fprintf(f, "last changed by %s",
			diagram_thread(d->graph->events[last].thread));
}

static void print_read(const struct diagram *d, const struct event *e, FILE *f)
{
	char value[64];
	struct text t = text_in(value, sizeof(value));

	cell_value(e->read, e->op.size, &t);
	fprintf(f, "  reads %s = %s again and again at %s (",
		cell_variable(d->graph, e->location), value,
		where_line(e->op.pc));
	print_last(d, e->op.key, f);
	fputs("), and nobody is left to change it\n", f);
}

static void print_spin(const struct diagram *d, unsigned thread, FILE *f)
{
	const struct graph *g = d->graph;

	for (unsigned i = threads[thread].loop; i < g->length[thread]; i++)
		if (graph_event(g, thread, i)->flags & EVENT_READS)
			print_read(d, graph_event(g, thread, i), f);
}

static void print_call(const struct diagram *d, const struct op *op, FILE *f)
{
	char object[64] = "";

	if (op->object)
		where_data((uintptr_t)op->object, 0, object, sizeof(object));
	fprintf(f, "  waits in %s%s%s at %s (",
		op->what ? op->what : "an await", *object ? " " : "", object,
		where_line(op->pc));
	print_last(d, op->key, f);
	fputs("), and nobody is left to end it\n", f);
}

void blocked_print(const struct diagram *d, FILE *f)
{
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		const struct thread *t = &threads[i];

		if (!is_blocked(t))
			continue;
		fprintf(f, "\n%s\n", diagram_thread(i));
		if (t->standing == STANDING_SPINS)
			print_spin(d, i, f);
		else if (t->op)
			print_call(d, t->op, f);
		record_print_now(f, i, stands_at(t));
	}
}
