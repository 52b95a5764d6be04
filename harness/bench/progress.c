/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void progress_start(struct progress *p, bool quiet, uint64_t budget_ns,
		    size_t total)
{
	*p = (struct progress){ .quiet = quiet,
				.terminal = !quiet && isatty(STDOUT_FILENO),
				.started_ns = now_ns(),
				.budget_ns = budget_ns,
				.total = total };
}

void progress_clear(const struct progress *p)
{
	if (p->terminal)
		printf("\r\033[K");
	fflush(stdout);
}

/* "[12/300]", or "[12]" where a budget decides how many there will be. */
static void print_count(const struct progress *p, size_t done)
{
	if (p->budget_ns)
		printf("[%zu] ", done);
	else
		printf("[%zu/%zu] ", done, p->total);
}

void progress_row(struct progress *p, const struct row *row)
{
	bool wrong = row->state != ROW_VALID && row->state != ROW_SKIPPED;

	if (p->quiet || (p->terminal && !wrong))
		return;
	progress_clear(p);
	print_count(p, p->done + 1);
	printf("%s  ", row->cell->path);
	if (row->state == ROW_VALID)
		printf("%.4g op/s", row->figures[OPS_PER_S]);
	else if (row->state == ROW_SKIPPED)
		printf("%s", row->why);
	else
		printf("%s: %s", row_state_name(row->state), row->why);
	if (row->note[0])
		printf("  (%s)", row->note);
	putchar('\n');
	fflush(stdout);
}

/* Half the widest 95 % interval among the comparisons of a cell, in per cent;
 * NAN if it is in none. */
static double width(const struct table *t, size_t cell)
{
	double widest = NAN;

	for (size_t i = 0; i < t->n; i++) {
		const struct table_line *l = &t->lines[i];
		const struct summary *s = t->summary;

		if (l->cell != cell && l->base != cell)
			continue;

		double *a = summary_values(s, l->cell, l->figure);
		double *b = summary_values(s, l->base, l->figure);
		struct ratio r = ratio_paired(a, b, s->blocks, 0.95);
		double half = 100 * (r.high - r.low) / 2 / r.value;

		if (r.n && !(half <= widest))
			widest = half;
		free(a);
		free(b);
	}
	return widest;
}

static double seconds_left(const struct progress *p)
{
	double spent = (double)(now_ns() - p->started_ns) / (double)NS_PER_S;

	if (p->budget_ns)
		return fmax(0, (double)p->budget_ns / (double)NS_PER_S - spent);
	return spent / (double)p->done * (double)(p->total - p->done);
}

void progress_step(struct progress *p, const struct table *t, size_t cell)
{
	double half;

	p->done++;
	if (!p->terminal)
		return;
	progress_clear(p);
	print_count(p, p->done);
	printf("%.50s  ", t->summary->campaign->cells[cell].path);
	half = width(t, cell);
	if (!isnan(half) && !isinf(half))
		printf("+-%.1f %%  ", half);
	printf("(%.0f s left)", seconds_left(p));
	fflush(stdout);
}
