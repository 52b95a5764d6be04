/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The columns between n_invalid and why_invalid. */
enum { NO_FIGURES = 14 };

struct cell_summary {
	const struct campaign_cell *cell;
	unsigned n, windows, invalid, failed, skipped;
	unsigned cpus;
	double *values[FIGURES]; /* n of each, in the order of the windows */
	bool latency;
	struct histogram *histogram;
	char why[300]; /* of the last invalid window */
};

struct summary {
	size_t n;
	const struct campaign *campaign;
	struct cell_summary cells[];
};

struct summary *summary_new(const struct campaign *campaign)
{
	struct summary *s =
		calloc(1, sizeof(*s) + campaign->n * sizeof(s->cells[0]));

	if (!s)
		abort();
	s->n = campaign->n;
	s->campaign = campaign;
	for (size_t i = 0; i < s->n; i++)
		s->cells[i].cell = &campaign->cells[i];
	return s;
}

static void keep(struct cell_summary *c, enum figure figure, double value)
{
	c->values[figure] =
		realloc(c->values[figure], (c->n + 1) * sizeof(double));
	if (!c->values[figure])
		abort();
	c->values[figure][c->n] = value;
}

static void keep_valid(struct cell_summary *c, const struct row *row,
		       const struct window_result *r)
{
	for (int f = 0; f < FIGURES; f++)
		keep(c, (enum figure)f, row->figures[f]);
	c->n++;
	if (isnan(row->figures[SAMPLES]))
		return;
	c->latency = true;
	if (!c->histogram)
		c->histogram = calloc(1, sizeof(*c->histogram));
	if (c->histogram)
		histogram_merge(c->histogram, &r->latency);
}

void summary_add(struct summary *s, size_t index, const struct row *row,
		 const struct window_result *r)
{
	struct cell_summary *c = &s->cells[index];

	c->windows++;
	c->cpus = row->cpus;
	if (row->state == ROW_VALID) {
		keep_valid(c, row, r);
		return;
	}
	snprintf(c->why, sizeof(c->why), "%s", row->why);
	if (row->state == ROW_SKIPPED) {
		c->skipped++;
		return;
	}
	c->invalid++;
	c->failed += row->state == ROW_FAILED;
}

static double median(const struct cell_summary *c, enum figure figure)
{
	double sorted[1024];
	size_t n = c->n < 1024 ? c->n : 1024;

	if (n == 0)
		return 0;
	memcpy(sorted, c->values[figure], n * sizeof(sorted[0]));
	gsl_sort(sorted, 1, n);
	return gsl_stats_median_from_sorted_data(sorted, 1, n);
}

static double least(const struct cell_summary *c, enum figure figure)
{
	return c->n ? gsl_stats_min(c->values[figure], 1, c->n) : 0;
}

static double most(const struct cell_summary *c, enum figure figure)
{
	return c->n ? gsl_stats_max(c->values[figure], 1, c->n) : 0;
}

static void print_cell(FILE *f, const struct cell_summary *c)
{
	const struct campaign_cell *cell = c->cell;
	const struct scenario *scenario = cell->cell.scenario;
	char parameters[400];

	row_parameters(cell, parameters, sizeof(parameters));
	fprintf(f, "%d,%s,%s,%s,%s,%s,%s,%s,%u,%u,%u,%u", SCHEMA,
		window_mode_name(cell->mode), scenario->name,
		lab_bound_name(scenario->bound), row_kind(cell), cell->name,
		row_family(cell), parameters, cell->cell.threads, c->cpus, c->n,
		c->windows - c->n);
	if (c->n == 0) {
		fprintf(f, "%.*s,\"%s\"\n", NO_FIGURES, ",,,,,,,,,,,,,,,,,,,,",
			c->why);
		return;
	}
	fprintf(f, ",%.6g,%.6g,%.6g", median(c, OPS_PER_S), least(c, OPS_PER_S),
		most(c, OPS_PER_S));
	if (c->latency)
		fprintf(f, ",%.6g,%.6g,%.6g,%.6g", median(c, P50),
			median(c, P99), median(c, P999), most(c, MAX));
	else
		fputs(",,,,", f);
	fprintf(f, ",%.4f,%.4f,%.6g,%.6g,%.6g,%.6g,%.6g,\"%s\"\n",
		median(c, JAIN), median(c, MIN_SHARE), median(c, CPU_PER_OP),
		median(c, VCSW), median(c, IVCSW), median(c, CS_REAL),
		median(c, NCS_REAL), c->why);
}

bool summary_write(const struct summary *s, const char *path)
{
	FILE *f = fopen(path, "w");
	bool good;

	if (!f)
		return false;
	fputs("schema,mode,scenario,bound,kind,implementation,family,"
	      "parameters,threads,cpus,n,n_invalid,ops_per_s,ops_per_s_min,"
	      "ops_per_s_max,p50_ns,p99_ns,p999_ns,max_ns,jain,min_share,"
	      "cpu_ns_per_op,vcsw_per_op,ivcsw_per_op,cs_ns_real,"
	      "ncs_ns_real,why_invalid\n",
	      f);
	for (size_t i = 0; i < s->n; i++)
		if (s->cells[i].windows)
			print_cell(f, &s->cells[i]);
	good = fflush(f) == 0 && !ferror(f);
	return fclose(f) == 0 && good;
}

bool summary_write_histograms(const struct summary *s, const char *folder)
{
	bool good = true;

	for (size_t i = 0; i < s->n && good; i++) {
		const struct cell_summary *c = &s->cells[i];
		char path[1024];
		FILE *f;

		if (!c->histogram)
			continue;

		int at = snprintf(path, sizeof(path), "%s/", folder);

		snprintf(path + at, sizeof(path) - (size_t)at, "%s.hgrm",
			 c->cell->path);
		for (char *p = path + at; *p; p++)
			if (*p == '/' || *p == ':')
				*p = *p == '/' ? '.' : '-';
		f = fopen(path, "w");
		if (!f)
			return false;
		histogram_print(c->histogram, f);
		good = fflush(f) == 0 && !ferror(f);
		good = fclose(f) == 0 && good;
	}
	return good;
}

void summary_count(const struct summary *s, unsigned *invalid, unsigned *failed,
		   unsigned *skipped)
{
	*invalid = *failed = *skipped = 0;
	for (size_t i = 0; i < s->n; i++) {
		*invalid += s->cells[i].invalid;
		*failed += s->cells[i].failed;
		*skipped += s->cells[i].skipped;
	}
}

/* ---- the table ---- */

/* Do two cells differ in nothing but the implementation? */
static bool comparable(const struct cell_summary *a,
		       const struct cell_summary *b)
{
	const struct cell *x = &a->cell->cell, *y = &b->cell->cell;

	return x->scenario == y->scenario && x->threads == y->threads &&
	       a->cell->mode == b->cell->mode &&
	       strcmp(row_kind(a->cell), row_kind(b->cell)) == 0 &&
	       memcmp(x->values, y->values, sizeof(x->values)) == 0;
}

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
static void varied(const struct summary *s, const struct cell_summary *c,
		   char *out, size_t size)
{
	const struct scenario *scenario = c->cell->cell.scenario;
	size_t at = 0;

	out[0] = '\0';
	for (int p = 0; p < PARAMS_MAX && scenario->params[p].name; p++) {
		bool differs = false;

		for (size_t i = 0; i < s->n && !differs; i++)
			differs = s->cells[i].cell->cell.scenario == scenario &&
				  s->cells[i].cell->cell.values[p] !=
					  c->cell->cell.values[p];
		if (differs && at < size)
			at += (size_t)snprintf(
				out + at, size - at, "%s%s=%llu", at ? " " : "",
				scenario->params[p].name,
				(unsigned long long)c->cell->cell.values[p]);
	}
}

/* The best implementation of the cells comparable to the i-th, and the next. */
static void rank(const struct summary *s, size_t i,
		 const struct cell_summary **best,
		 const struct cell_summary **next)
{
	*best = *next = NULL;
	for (size_t j = i; j < s->n; j++) {
		const struct cell_summary *c = &s->cells[j];

		/* a baseline is a yardstick, not an implementation to choose */
		if (!comparable(&s->cells[i], c) || c->n == 0 ||
		    !c->cell->cell.implementation)
			continue;
		if (!*best || median(c, OPS_PER_S) > median(*best, OPS_PER_S)) {
			*next = *best;
			*best = c;
		} else if (!*next ||
			   median(c, OPS_PER_S) > median(*next, OPS_PER_S)) {
			*next = c;
		}
	}
}

static void print_line(const struct summary *s, size_t i, FILE *out)
{
	const struct cell_summary *best, *next;
	char name[160], params[120], ops[32], cpu[32];

	rank(s, i, &best, &next);
	if (!best)
		return;
	varied(s, best, params, sizeof(params));
	bool any_kind = strcmp(best->cell->cell.scenario->kind, "*") == 0;

	snprintf(name, sizeof(name), "%s%s%s%s%s",
		 best->cell->cell.scenario->name, any_kind ? " " : "",
		 any_kind ? row_kind(best->cell) : "", params[0] ? " " : "",
		 params);
	fprintf(out, "%-42s %3u  %-10s %9sop/s %9sns CPU/op", name,
		best->cell->cell.threads, best->cell->cell.name,
		scaled(median(best, OPS_PER_S), ops, sizeof(ops)),
		scaled(median(best, CPU_PER_OP), cpu, sizeof(cpu)));
	/* the ranges of the windows overlap: then nobody can tell */
	if (next && least(best, OPS_PER_S) <= most(next, OPS_PER_S))
		fprintf(out, "  not resolved from %s (x%.2f)\n",
			next->cell->cell.name,
			median(best, OPS_PER_S) / median(next, OPS_PER_S));
	else if (next)
		fprintf(out, "  x%.2f of %s\n",
			median(best, OPS_PER_S) / median(next, OPS_PER_S),
			next->cell->cell.name);
	else
		fputc('\n', out);
}

static bool first_of_its_group(const struct summary *s, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (comparable(&s->cells[j], &s->cells[i]))
			return false;
	return true;
}

void summary_print(const struct summary *s, FILE *out)
{
	static const struct {
		enum bound bound;
		const char *title;
	} parts[] = {
		{ BOUND_MICRO, "Micro" },
		{ BOUND_MIXED, "Mixed work" },
		{ BOUND_CPU, "CPU-bound work" },
		{ BOUND_IO, "I/O-bound work" },
	};

	for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
		bool titled = false;

		for (size_t i = 0; i < s->n; i++) {
			const struct campaign_cell *cell = s->cells[i].cell;

			if (cell->cell.scenario->bound != parts[p].bound ||
			    cell->mode != THROUGHPUT ||
			    !first_of_its_group(s, i))
				continue;
			if (!titled)
				fprintf(out,
					"\n%s: best by throughput\n"
					"%-42s %3s  %-10s\n",
					parts[p].title, "scenario", "thr",
					"best");
			titled = true;
			print_line(s, i, out);
		}
	}
}
