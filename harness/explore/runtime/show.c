/* SPDX-License-Identifier: MIT */
/*
 * --show: an execution on one line, the same for equal graphs.
 *
 *	T1=0 T2=1 | 1:1 y=0 <- init, 2:1 x=1 <- 1:0 | co x: 1:0 2:0
 */
#include <inttypes.h>
#include <stdio.h>

#include "cell.h"
#include "report.h"
#include "start.h"

static void add_name(struct text *t, const struct graph *g, eid id)
{
	if (id == NOTHING)
		text_add(t, "init");
	else
		text_add(t, "%u:%u", g->events[id].thread, g->events[id].index);
}

static bool is_access(const struct event *e)
{
	return e->location != NOTHING && !e->op.what && !e->op.quiet;
}

static void add_reads(struct text *t, const struct graph *g)
{
	const char *between = " | ";

	for (unsigned thread = 0; thread < g->threads; thread++)
		for (unsigned i = 0; i < g->length[thread]; i++) {
			const struct event *e = graph_event(g, thread, i);

			if (!is_access(e) || !(e->flags & EVENT_READS))
				continue;
			text_add(t, "%s%u:%u %s=", between, thread, i,
				 cell_variable(g, e->location));
			cell_value(e->read, e->op.size, t);
			text_add(t, " <- ");
			add_name(t, g, e->rf);
			between = ", ";
		}
}

/* Where there is an order: from two writes on. */
static void add_coherence(struct text *t, const struct graph *g)
{
	const char *between = " | ";

	for (unsigned i = 0; i < g->locations; i++) {
		const struct location *l = &g->location[i];

		if (l->co_first == l->co_last ||
		    !is_access(&g->events[l->co_first]))
			continue;
		text_add(t, "%sco %s:", between, cell_variable(g, i));
		for (eid w = l->co_first; w != NOTHING;
		     w = g->events[w].co_next) {
			text_add(t, " ");
			add_name(t, g, w);
		}
		between = ", ";
	}
}

void report_execution(const struct graph *g)
{
	static char line[1 << 16];
	struct text t = text_in(line, sizeof(line));

	for (unsigned i = 1; i < g->threads; i++)
		text_add(&t, "%sT%u=%" PRIdPTR, i > 1 ? " " : "", i,
			 (intptr_t)threads[i].result);
	add_reads(&t, g);
	add_coherence(&t, g);
	fprintf(console_out, "%s\n", line);
}
