/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

struct summary *summary_new(const struct campaign *campaign)
{
	struct summary *s =
		calloc(1, sizeof(*s) + campaign->n * sizeof(s->cells[0]));

	if (!s)
		abort();
	s->campaign = campaign;
	for (size_t i = 0; i < campaign->n; i++)
		s->cells[i].cell = &campaign->cells[i];
	return s;
}

void summary_add(struct summary *s, size_t cell, const struct row *row,
		 const struct histogram *latency)
{
	struct cell_rows *c = &s->cells[cell];

	c->rows = realloc(c->rows, (c->n + 1) * sizeof(*c->rows));
	if (!c->rows)
		abort();
	c->rows[c->n++] = *row;
	if (row->context.block >= s->blocks)
		s->blocks = row->context.block + 1;
	if (row->state == ROW_VALID && latency && !isnan(row->figures[SAMPLES]))
		summary_add_latency(s, cell, latency);
}

void summary_add_latency(struct summary *s, size_t cell,
			 const struct histogram *latency)
{
	struct cell_rows *c = &s->cells[cell];

	if (!c->latency)
		c->latency = calloc(1, sizeof(*c->latency));
	if (!c->latency)
		abort();
	histogram_merge(c->latency, latency);
}

const struct row *summary_row(const struct summary *s, size_t cell,
			      unsigned block)
{
	const struct cell_rows *c = &s->cells[cell];

	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].context.block == block &&
		    c->rows[i].state == ROW_VALID)
			return &c->rows[i];
	return NULL;
}

double *summary_values(const struct summary *s, size_t cell, const char *name)
{
	const struct cell_rows *c = &s->cells[cell];
	double *values = calloc(s->blocks + 1, sizeof(*values));

	if (!values)
		abort();
	for (unsigned b = 0; b < s->blocks; b++)
		values[b] = NAN;
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].state == ROW_VALID)
			values[c->rows[i].context.block] =
				row_figure(&c->rows[i], name);
	return values;
}

/* The figure's known values, sorted; how many. */
static size_t known(const struct summary *s, size_t cell, const char *name,
		    double **out)
{
	size_t n = 0;

	*out = summary_values(s, cell, name);
	for (unsigned b = 0; b < s->blocks; b++)
		if (!isnan((*out)[b]))
			(*out)[n++] = (*out)[b];
	gsl_sort(*out, 1, n);
	return n;
}

double summary_median(const struct summary *s, size_t cell, const char *name)
{
	double *values;
	size_t n = known(s, cell, name, &values);
	double median =
		n ? gsl_stats_median_from_sorted_data(values, 1, n) : NAN;

	free(values);
	return median;
}

struct summary_counts summary_count(const struct summary *s)
{
	struct summary_counts n = { 0 };

	for (size_t i = 0; i < s->campaign->n; i++) {
		const struct cell_rows *c = &s->cells[i];

		for (size_t j = 0; j < c->n; j++) {
			const struct row *row = &c->rows[j];
			bool last =
				j + 1 == c->n || c->rows[j + 1].context.block !=
							 row->context.block;

			n.windows++;
			n.valid += row->state == ROW_VALID;
			n.skipped += row->state == ROW_SKIPPED;
			n.failed += row->state == ROW_FAILED;
			n.invalid += row->state == ROW_INVALID;
			n.spoilt += row->state == ROW_SPOILT;
			n.gaps += last && (row->state == ROW_SPOILT ||
					   row->state == ROW_INVALID);
		}
	}
	return n;
}

/* ---- summary.csv ---- */

/* Figures of a window's circumstances, which no median makes sense of. */
static bool summarised(enum figure f)
{
	return f != OPS_PER_S && f != PADDING && f != OFFSET && f != RAMP_SLOPE;
}

static void print_header(FILE *f)
{
	fputs("schema,mode,scenario,bound,kind,implementation,family,"
	      "parameters,threads,cpus,n,n_invalid,ops_per_s,ops_per_s_min,"
	      "ops_per_s_max",
	      f);
	for (int i = 0; i < FIGURES; i++)
		if (summarised((enum figure)i))
			fprintf(f, ",%s", figure_name((enum figure)i));
	fputs(",why_invalid\n", f);
}

static void print_number(FILE *f, double value)
{
	if (isnan(value))
		fputc(',', f);
	else
		fprintf(f, ",%.6g", value);
}

static void print_cell(FILE *f, const struct summary *s, size_t i)
{
	const struct cell_rows *c = &s->cells[i];
	const struct campaign_cell *cell = c->cell;
	const char *why = "";
	char parameters[400];
	double *rates;
	size_t n = known(s, i, figure_name(OPS_PER_S), &rates), invalid = 0;

	for (size_t j = 0; j < c->n; j++)
		if (c->rows[j].state != ROW_VALID) {
			why = c->rows[j].why;
			invalid++;
		}
	row_parameters(cell, parameters, sizeof(parameters));
	fprintf(f, "%d,%s,%s,%s,%s,%s,%s,%s,%u,%u,%zu,%zu", SCHEMA,
		window_mode_name(cell->mode), cell->cell.scenario->name,
		lab_bound_name(cell->cell.scenario->bound), row_kind(cell),
		cell->name, row_family(cell), parameters, cell->cell.threads,
		c->rows[0].cpus, n, invalid);
	print_number(f, summary_median(s, i, figure_name(OPS_PER_S)));
	print_number(f, n ? rates[0] : NAN);
	print_number(f, n ? rates[n - 1] : NAN);
	for (int k = 0; k < FIGURES; k++)
		if (summarised((enum figure)k))
			print_number(
				f, summary_median(s, i,
						  figure_name((enum figure)k)));
	output_text(f, why);
	fputc('\n', f);
	free(rates);
}

bool summary_write(const struct summary *s, const char *path)
{
	struct output o;

	if (!output_open(&o, path))
		return false;
	print_header(o.file);
	for (size_t i = 0; i < s->campaign->n; i++)
		if (s->cells[i].n)
			print_cell(o.file, s, i);
	return output_close(&o);
}

bool summary_write_histograms(const struct summary *s, const char *folder)
{
	for (size_t i = 0; i < s->campaign->n; i++) {
		const struct cell_rows *c = &s->cells[i];
		char path[1024];
		struct output o;

		if (!c->latency)
			continue;
		output_name(path, sizeof(path), folder, c->cell->path, "hgrm");
		if (!output_open(&o, path))
			return false;
		histogram_print(c->latency, o.file);
		if (!output_close(&o))
			return false;
	}
	return true;
}
