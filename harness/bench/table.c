/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

/* What cells of a mode are compared by; NULL: they are not. */
static const char *figure_of(enum window_mode mode, bool *more_is_better)
{
	*more_is_better = mode == THROUGHPUT;
	switch (mode) {
	case THROUGHPUT:
		return figure_name(OPS_PER_S);
	case LATENCY:
		return figure_name(P50);
	case OPEN:
		return figure_name(P99);
	default:
		return NULL;
	}
}

static void add_line(struct table *t, size_t cell, size_t base, bool twin)
{
	const struct campaign_cell *c = &t->summary->campaign->cells[cell];
	struct table_line line = { .cell = cell, .base = base, .twin = twin };

	line.figure = figure_of(c->mode, &line.more_is_better);
	if (!line.figure)
		return;
	t->lines = realloc(t->lines, (t->n + 1) * sizeof(*t->lines));
	if (!t->lines)
		abort();
	t->lines[t->n++] = line;
}

/* The first cell behind those of i's group. */
static size_t group_end(const struct campaign *c, size_t i)
{
	size_t end = i;

	while (end < c->n && c->cells[end].group == c->cells[i].group)
		end++;
	return end;
}

/* The yardstick of the group that begins at i: the pthread family if it is
 * there, else whatever comes first. */
static size_t group_base(const struct campaign *c, size_t i)
{
	for (size_t j = i; j < group_end(c, i); j++) {
		const struct registration *r = c->cells[j].cell.implementation;

		if (r && r->id->family == PTHREAD &&
		    strcmp(r->id->name, "pthread") == 0)
			return j;
	}
	return i;
}

/* What the twin at i is a twin of. */
static size_t original(const struct campaign *c, size_t i)
{
	do
		i--;
	while (c->cells[i].old);
	return i;
}

struct table *table_new(const struct summary *s)
{
	const struct campaign *c = s->campaign;
	struct table *t = calloc(1, sizeof(*t));
	bool builds = false;

	if (!t)
		abort();
	t->summary = s;
	/* with two builds, each implementation's own past is its base */
	for (size_t i = 0; i < c->n; i++)
		builds = builds || c->cells[i].old;
	for (size_t i = 0; i < c->n; i = group_end(c, i)) {
		size_t base = group_base(c, i);

		for (size_t j = i; j < group_end(c, i); j++)
			if (c->cells[j].twin)
				add_line(t, j, original(c, j), true);
			else if (c->cells[j].old)
				add_line(t, j - 1, j, false);
			else if (j != base && !builds)
				add_line(t, j, base, false);
	}
	t->comparisons = calloc(t->n + 1, sizeof(*t->comparisons));
	if (!t->comparisons)
		abort();
	return t;
}

void table_compare(struct table *t, double q)
{
	const struct summary *s = t->summary;

	for (size_t i = 0; i < t->n; i++) {
		const struct table_line *l = &t->lines[i];
		struct comparison *c = &t->comparisons[i];

		free((void *)(uintptr_t)c->new_);
		free((void *)(uintptr_t)c->base);
		c->new_ = summary_values(s, l->cell, l->figure);
		c->base = summary_values(s, l->base, l->figure);
		c->n = c->m = s->blocks;
		c->paired = true;
	}
	ratio_correct(t->comparisons, t->n, q);
}

const char *table_verdict(const struct table *t, size_t line)
{
	enum verdict v = t->comparisons[line].verdict;

	if (v == RATIO_UNRESOLVED)
		return "not resolved";
	return (v == RATIO_ABOVE) == t->lines[line].more_is_better ? "faster"
								   : "slower";
}

double table_width(const struct table *t, size_t line)
{
	const struct ratio *r = &t->comparisons[line].ratio;

	if (isnan(r->value) || isinf(r->high) || r->low <= 0)
		return INFINITY;
	return (r->high - r->low) / 2 / r->value;
}

bool table_write(const struct table *t, const char *path)
{
	const struct campaign *c = t->summary->campaign;
	struct output o;

	if (!output_open(&o, path))
		return false;
	fputs("schema,cell,base,figure,twin,ratio,ratio_low,ratio_high,level,"
	      "p,n,verdict\n",
	      o.file);
	for (size_t i = 0; i < t->n; i++) {
		const struct ratio *r = &t->comparisons[i].ratio;
		const struct table_line *l = &t->lines[i];

		fprintf(o.file, "%d,%s,%s,%s,%d", SCHEMA,
			c->cells[l->cell].path, c->cells[l->base].name,
			l->figure, l->twin);
		if (r->n)
			fprintf(o.file, ",%.6g,%.6g,%.6g", r->value, r->low,
				r->high);
		else
			fputs(",,,", o.file);
		fprintf(o.file, ",%.6g,%.4g,%u,%s\n", r->level, r->p, r->n,
			table_verdict(t, i));
	}
	return output_close(&o);
}

/* ---- in print ---- */

static const char *scaled(double value, char *out, size_t size)
{
	static const char *const units[] = { "", "k", "M", "G" };
	int u = 0;

	while (value >= 1000 && u < 3) {
		value /= 1000;
		u++;
	}
	snprintf(out, size, "%.3g %s", value, units[u]);
	return out;
}

/* The parameters that the campaign varies within this scenario. */
static void varied(const struct campaign *c, const struct campaign_cell *cell,
		   char *out, size_t size)
{
	const struct scenario *scenario = cell->cell.scenario;
	size_t at = 0;

	out[0] = '\0';
	for (int p = 0; p < PARAMS_MAX && scenario->params[p].name; p++) {
		bool differs = false;

		for (size_t i = 0; i < c->n && !differs; i++)
			differs = c->cells[i].cell.scenario == scenario &&
				  c->cells[i].cell.values[p] !=
					  cell->cell.values[p];
		if (differs && at < size)
			at += (size_t)snprintf(
				out + at, size - at, "%s%s=%llu", at ? " " : "",
				scenario->params[p].name,
				(unsigned long long)cell->cell.values[p]);
	}
}

static double rate(const struct summary *s, size_t cell)
{
	return summary_median(s, cell, figure_name(OPS_PER_S));
}

/* The implementation of the group with the highest median, and the next. A
 * variant is a yardstick, not an implementation to choose. */
static void rank(const struct summary *s, size_t first, size_t *best,
		 size_t *next)
{
	const struct campaign *c = s->campaign;

	*best = *next = SIZE_MAX;
	for (size_t i = first; i < group_end(c, first); i++) {
		if (c->cells[i].twin || c->cells[i].old ||
		    !c->cells[i].cell.implementation || isnan(rate(s, i)))
			continue;
		if (*best == SIZE_MAX || rate(s, i) > rate(s, *best)) {
			*next = *best;
			*best = i;
		} else if (*next == SIZE_MAX || rate(s, i) > rate(s, *next)) {
			*next = i;
		}
	}
}

/* The line that tells a from b, whichever of them is the base. */
static const struct table_line *line_of(const struct table *t, size_t a,
					size_t b)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct table_line *l = &t->lines[i];

		if ((l->cell == a && l->base == b) ||
		    (l->cell == b && l->base == a))
			return l;
	}
	return NULL;
}

/* best / other; the table has it the other way round where best is the base. */
static void print_ratio(const struct table *t, size_t best, size_t other,
			FILE *out)
{
	const struct table_line *l = line_of(t, best, other);
	struct ratio r;

	if (!l)
		return;

	const struct comparison *c = &t->comparisons[l - t->lines];

	r = c->ratio;
	if (r.n == 0)
		return;
	if (l->base == best)
		r = (struct ratio){ .value = 1 / r.value,
				    .low = 1 / r.high,
				    .high = 1 / r.low };
	fprintf(out, "  x%.2f", r.value);
	if (r.low > 0 && !isinf(r.high))
		fprintf(out, " [%.2f, %.2f]", r.low, r.high);
	fprintf(out, " of %s%s", t->summary->campaign->cells[other].name,
		c->verdict == RATIO_UNRESOLVED ? ": not resolved" : "");
}

static void print_share(double value, FILE *out)
{
	if (isnan(value))
		fprintf(out, "     -");
	else
		fprintf(out, " %5.2f", value);
}

static void print_group(const struct table *t, size_t first, FILE *out)
{
	const struct summary *s = t->summary;
	const struct campaign *c = s->campaign;
	size_t best, next, base = group_base(c, first);
	char name[160], params[120], ops[32], cpu[32];

	rank(s, first, &best, &next);
	if (best == SIZE_MAX)
		return;

	const struct campaign_cell *cell = &c->cells[best];
	bool any_kind = strcmp(cell->cell.scenario->kind, "*") == 0;

	varied(c, cell, params, sizeof(params));
	snprintf(name, sizeof(name), "%s%s%s%s%s", cell->cell.scenario->name,
		 any_kind ? " " : "", any_kind ? row_kind(cell) : "",
		 params[0] ? " " : "", params);
	fprintf(out, "%-42s %3u  %-12s %8sop/s %8sns", name, cell->cell.threads,
		cell->name, scaled(rate(s, best), ops, sizeof(ops)),
		scaled(summary_median(s, best, figure_name(CPU_PER_OP)), cpu,
		       sizeof(cpu)));
	print_share(summary_median(s, best, figure_name(MIN_SHARE)), out);
	print_share(summary_median(s, best, figure_name(SELF_HANDOVER)), out);
	if (best + 1 < c->n && c->cells[best + 1].old)
		print_ratio(t, best, best + 1, out);
	else if (best != base)
		print_ratio(t, best, base, out);
	else if (next != SIZE_MAX)
		print_ratio(t, best, next, out);
	fputc('\n', out);
}

static void print_bound(const struct table *t, enum bound bound,
			const char *title, FILE *out)
{
	const struct campaign *c = t->summary->campaign;
	bool titled = false;

	for (size_t i = 0; i < c->n; i = group_end(c, i)) {
		if (c->cells[i].cell.scenario->bound != bound ||
		    c->cells[i].mode != THROUGHPUT)
			continue;
		if (!titled)
			fprintf(out,
				"\n%s: best by throughput\n"
				"%-42s %3s  %-12s %13s %10s %5s %5s\n",
				title, "scenario", "thr", "best", "throughput",
				"CPU/op", "least", "self");
		titled = true;
		print_group(t, i, out);
	}
}

/* What the table itself is worth: twins that came out as different. */
static void print_verdicts(const struct table *t, FILE *out)
{
	unsigned faster = 0, slower = 0, open = 0;
	unsigned twins = 0, wrong = 0, nominal = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct comparison *c = &t->comparisons[i];
		const char *verdict = table_verdict(t, i);

		if (c->ratio.n == 0)
			continue;
		if (t->lines[i].twin) {
			twins++;
			wrong += c->verdict != RATIO_UNRESOLVED;
			nominal += c->ratio.p <= 0.05;
		} else if (verdict[0] == 'n') {
			open++;
		} else {
			faster += verdict[0] == 'f';
			slower += verdict[0] == 's';
		}
	}
	fprintf(out,
		"\n%u comparisons with their group's base: %u faster, %u "
		"slower, %u not resolved\n",
		faster + slower + open, faster, slower, open);
	if (twins)
		fprintf(out,
			"A/A: %u of %u twins resolved (%.1f %%; before the "
			"correction %u with p <= 0.05)\n",
			wrong, twins, 100.0 * wrong / twins, nominal);
}

void table_print(const struct table *t, FILE *out)
{
	print_bound(t, BOUND_MICRO, "Micro", out);
	print_bound(t, BOUND_MIXED, "Mixed work", out);
	print_bound(t, BOUND_CPU, "CPU-bound work", out);
	print_bound(t, BOUND_IO, "I/O-bound work", out);
	print_verdicts(t, out);
}
