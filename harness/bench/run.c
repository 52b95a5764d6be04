/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../command.h"
#include "progress.h"

/* How often a window that is not valid is run before it is a gap. */
enum { ATTEMPTS = 3 };

/* A campaign with a budget looks at its table after so many blocks, then after
 * twice as many, and so on (ratio_look). */
enum { FIRST_LOOK = 8, BLOCKS_MAX = 1000 };

/* An interval as narrow as this is as good as resolved. */
static const double WIDTH_ENOUGH = 0.01;

struct course {
	struct run *run;
	struct window_result *result;
	struct progress progress;
	uint64_t deadline; /* of the budget */
	bool *settled;	   /* groups that need no further block */
	char name[64];	   /* of the campaign, for the rows */
	enum run_end end;
};

/* ---- order ---- */

void run_order(const struct campaign *c, uint64_t seed, unsigned block,
	       size_t *out)
{
	uint64_t state = seed + block / 2 * UINT64_C(0xd1342543de82ef95);
	size_t *groups = calloc(c->groups + 1, sizeof(*groups));
	size_t *first = calloc(c->groups + 1, sizeof(*first));
	size_t *within = calloc(c->n + 1, sizeof(*within));
	size_t n = 0;

	if (!groups || !first || !within)
		abort();
	for (size_t i = c->n; i > 0; i--)
		first[c->cells[i - 1].group] = i - 1;
	first[c->groups] = c->n;
	campaign_shuffle(groups, c->groups, &state);
	for (size_t g = 0; g < c->groups; g++) {
		size_t from = first[groups[g]],
		       size = first[groups[g] + 1] - from;

		campaign_shuffle(within, size, &state);
		for (size_t i = 0; i < size; i++)
			out[n++] = from + within[i];
	}
	for (size_t i = 0; block % 2 && i < n / 2; i++) {
		size_t swap = out[i];

		out[i] = out[n - 1 - i];
		out[n - 1 - i] = swap;
	}
	free(groups);
	free(first);
	free(within);
}

/* ---- one window ---- */

/* What else may come of it: a window that the machine spoilt, or that measured
 * something else, if the cell has ever measured what it should. */
static bool retry(const struct cell_rows *c, const struct row *row)
{
	if (row->context.attempt + 1 >= ATTEMPTS)
		return false;
	if (row->state != ROW_INVALID || row->context.block == 0)
		return row->state == ROW_SPOILT || row->state == ROW_INVALID;
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].state == ROW_VALID)
			return true;
	return false;
}

/* Has it been run already, or does it never make sense to? */
static bool needless(const struct summary *s, size_t cell, unsigned block)
{
	const struct cell_rows *c = &s->cells[cell];
	const struct row *last = NULL;

	for (size_t i = 0; i < c->n; i++) {
		const struct row *row = &c->rows[i];

		/* a hang is known, and would only take time again */
		if (row->state == ROW_SKIPPED ||
		    (row->state == ROW_FAILED && !row->complete))
			return true;
		if (row->context.block == block)
			last = row;
	}
	return last && !retry(c, last);
}

static unsigned attempts(const struct cell_rows *c, unsigned block)
{
	unsigned n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->rows[i].context.block == block;
	return n;
}

/* The seed of one window: other threads' dice and layout in each. */
static uint64_t window_seed(const struct row_context *c, size_t cell)
{
	return (c->seed + c->block * UINT64_C(0x9e3779b97f4a7c15) +
		cell * UINT64_C(0xbf58476d1ce4e5b9) + c->attempt) >>
	       1;
}

static bool measure(struct course *k, size_t index, struct row *row)
{
	struct run *r = k->run;
	const struct campaign_cell *cell = &r->campaign->cells[index];
	struct cell c = cell->cell; /* with a seed of this window's own */
	struct window_plan plan = {
		.ramp_ns = r->campaign->ramp_ms * NS_PER_MS,
		.measure_ns = cell->window_ms * NS_PER_MS,
		.mode = cell->mode,
		.rate_per_s = cell->rate_per_s,
		.ops = cell->ops,
	};

	window_executable = cell->old ? r->base : "/proc/self/exe";
	c.seed = window_seed(&row->context, index);
	if (!window_run(&c, &plan, k->result)) {
		k->end = RUN_INTERRUPTED;
		return false;
	}
	if (k->result->environment) {
		progress_clear(&k->progress);
		lab_fail("%s: %s", cell->path, k->result->why);
		k->end = RUN_REFUSED;
		return false;
	}
	row_judge(row, k->result);
	if (!results_add(&r->results, row, &k->result->latency) ||
	    (row->state == ROW_VALID && k->result->order.samples &&
	     !results_add_handovers(&r->results, row, &k->result->handovers))) {
		progress_clear(&k->progress);
		lab_fail("cannot write into %s: %s: free some space; what is "
			 "there is whole",
			 r->results.folder, strerror(errno));
		k->end = RUN_UNWRITABLE;
		return false;
	}
	summary_add(r->summary, index, row, &k->result->latency);
	return true;
}

/* false: the campaign ends here. */
static bool run_cell(struct course *k, size_t index, unsigned block,
		     size_t order)
{
	struct run *r = k->run;
	static struct row row;

	for (unsigned attempt = attempts(&r->summary->cells[index], block);
	     !needless(r->summary, index, block); attempt++) {
		row = (struct row){
			.cell = &r->campaign->cells[index],
			.context = { .campaign = k->name,
				     .block = block,
				     .order = order,
				     .attempt = attempt,
				     .seed = r->seed },
		};
		if (!measure(k, index, &row))
			return false;
		progress_row(&k->progress, &row);
	}
	progress_step(&k->progress, r->table, index);
	return true;
}

/* ---- blocks ---- */

static bool run_block(struct course *k, unsigned block)
{
	const struct campaign *c = k->run->campaign;
	size_t *order = calloc(c->n + 1, sizeof(*order));
	bool go_on = true;

	if (!order)
		abort();
	run_order(c, k->run->seed, block, order);
	for (size_t i = 0; i < c->n && go_on; i++) {
		if (k->settled[c->cells[order[i]].group])
			continue;
		if (k->deadline && now_ns() > k->deadline)
			break;
		go_on = run_cell(k, order[i], block, i);
	}
	free(order);
	return go_on;
}

/* One cell after the other, all its windows in a row: as not to, to show why
 * (M13). */
static void run_sequential(struct course *k)
{
	const struct campaign *c = k->run->campaign;
	size_t *order = calloc(c->n + 1, sizeof(*order));
	bool go_on = true;

	if (!order)
		abort();
	run_order(c, k->run->seed, 0, order);
	for (size_t i = 0; i < c->n && go_on; i++)
		for (unsigned b = 0; b < c->repetitions && go_on; b++)
			go_on = run_cell(k, order[i], b, i);
	free(order);
}

/* ---- budget ---- */

static bool line_settled(const struct table *t, size_t line)
{
	return t->comparisons[line].verdict != RATIO_UNRESOLVED ||
	       table_width(t, line) < WIDTH_ENOUGH;
}

/* A cell that is compared with nothing: is its own figure known well? */
static bool cell_settled(const struct summary *s, size_t cell)
{
	double *values = summary_values(s, cell, figure_name(OPS_PER_S));
	struct ratio r = ratio_single(values, s->blocks, 0.95);

	free(values);
	return r.n && r.high - r.low < 2 * WIDTH_ENOUGH * r.value;
}

static bool group_settled(const struct run *r, size_t group, double level)
{
	const struct campaign *c = r->campaign;
	bool compared = false;

	for (size_t i = 0; i < r->table->n; i++) {
		const struct table_line *l = &r->table->lines[i];

		if (c->cells[l->cell].group != group || l->twin)
			continue;
		compared = true;
		if (!line_settled(r->table, i))
			return false;
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->cells[i].group == group && !compared &&
		    !cell_settled(r->summary, i))
			return false;
	for (size_t i = 0; i < c->n_expectations; i++) {
		const struct expectation *e = &c->expectations[i];
		char text[400];

		if (e->cell == SIZE_MAX ||
		    (c->cells[e->cell].group != group &&
		     c->cells[e->over_cell].group != group))
			continue;
		if (expect_judge(r->summary, e, level, text, sizeof(text)) ==
		    UNRESOLVED)
			return false;
	}
	return true;
}

/* false: nothing is left to be resolved. */
static bool look(struct course *k, unsigned number)
{
	struct run *r = k->run;
	bool open = false;

	table_compare(r->table, ratio_look(0.05, number));
	for (size_t g = 0; g < r->campaign->groups; g++) {
		k->settled[g] =
			group_settled(r, g, 1 - ratio_look(0.05, number));
		open = open || !k->settled[g];
	}
	return open;
}

static void run_budget(struct course *k)
{
	unsigned next = FIRST_LOOK, looks = 0;

	k->deadline = now_ns() + k->run->budget_ns;
	/* a campaign that goes on: the looks it has taken are spent */
	for (; next <= k->run->summary->blocks; next *= 2)
		looks++;
	if (looks && !look(k, ++looks))
		return;
	for (unsigned block = 0; block < BLOCKS_MAX; block++) {
		if (block == next) {
			next *= 2;
			if (!look(k, ++looks))
				return;
		}
		if (!run_block(k, block) || now_ns() > k->deadline)
			break;
	}
	/* the last look, at what there is when the time is over */
	table_compare(k->run->table, ratio_look(0.05, looks + 1));
}

static void run_fixed(struct course *k)
{
	for (unsigned b = 0; b < k->run->campaign->repetitions; b++)
		if (!run_block(k, b))
			break;
}

static void name_campaign(const char *file, char *out, size_t size)
{
	const char *slash = strrchr(file, '/');

	snprintf(out, size, "%s", slash ? slash + 1 : file);
	if (strrchr(out, '.'))
		*strrchr(out, '.') = '\0';
}

enum run_end run_campaign(struct run *r)
{
	struct course k = { .run = r, .result = window_result_new() };

	k.settled = calloc(r->campaign->groups + 1, sizeof(*k.settled));
	if (!k.settled)
		abort();
	if (!k.result) {
		free(k.settled);
		lab_fail("no memory for a window's result: %s: free some",
			 strerror(errno));
		return RUN_REFUSED;
	}
	name_campaign(r->campaign->file, k.name, sizeof(k.name));
	progress_start(&k.progress, r->quiet, r->budget_ns,
		       r->campaign->n * r->campaign->repetitions);
	if (r->campaign->sequential)
		run_sequential(&k);
	else if (r->budget_ns)
		run_budget(&k);
	else
		run_fixed(&k);
	if (!r->budget_ns)
		table_compare(r->table, 0.05);
	progress_clear(&k.progress);
	free(k.settled);
	return k.end;
}
