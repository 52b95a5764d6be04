/* SPDX-License-Identifier: MIT */
/*
 * `synclab ratios FILE`: what scripts/apps has measured, as ratios with
 * intervals, by the statistics of campaigns (ratio.h). Not for people: it reads
 * and writes CSV.
 *
 * FILE has the columns app, implementation, block, better (more or less), state
 * and the figure. Of each implementation of each app one line comes out, beside
 * the base's: how many rows of which state, both medians, and how good it is
 * over the base, paired by block and corrected over the whole table: above 1 is
 * better, whichever way the figure counts.
 */
#include <argp.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../command.h"
#include "ratio.h"
#include "rows.h"

enum state {
	ROW_IS_VALID,
	ROW_TIMED_OUT,
	ROW_HAS_FAILED,
	ROW_IS_OTHER,
	ROW_KINDS
};

static const char *const states[ROW_KINDS] = { "valid", "timed out", "failed",
					       "" };

/* The rows of one implementation of one app. */
struct series {
	char app[80], implementation[80];
	double *goodness; /* by block: more is better; NAN: no valid row */
	unsigned blocks, count[ROW_KINDS];
	bool less; /* of the figure is better */
};

struct ratios {
	const char *file, *base, *figure;
	const char *better; /* NULL: the column says it */
	struct series *series;
	size_t n;
};

/* ---- reading ---- */

static struct series *find(const struct ratios *r, const char *app,
			   const char *implementation)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->series[i].app, app) == 0 &&
		    strcmp(r->series[i].implementation, implementation) == 0)
			return &r->series[i];
	return NULL;
}

static struct series *find_or_add(struct ratios *r, const char *app,
				  const char *implementation)
{
	struct series *s = find(r, app, implementation);

	if (s)
		return s;
	r->series = realloc(r->series, (r->n + 1) * sizeof(*r->series));
	if (!r->series)
		abort();
	s = &r->series[r->n++];
	memset(s, 0, sizeof(*s));
	snprintf(s->app, sizeof(s->app), "%s", app);
	snprintf(s->implementation, sizeof(s->implementation), "%s",
		 implementation);
	return s;
}

static void set(struct series *s, unsigned block, double value)
{
	if (block >= s->blocks) {
		s->goodness = realloc(s->goodness,
				      (block + 1) * sizeof(*s->goodness));
		if (!s->goodness)
			abort();
		while (s->blocks <= block)
			s->goodness[s->blocks++] = NAN;
	}
	s->goodness[block] = value;
}

static enum state state_of(const char *name)
{
	enum state s = ROW_IS_VALID;

	while (s < ROW_IS_OTHER && strcmp(states[s], name) != 0)
		s++;
	return s;
}

static bool read_record(void *context, const struct record *record)
{
	struct ratios *r = context;
	struct series *s = find_or_add(r, record_get(record, "app"),
				       record_get(record, "implementation"));
	unsigned long block = strtoul(record_get(record, "block"), NULL, 10);
	enum state state = state_of(record_get(record, "state"));
	double figure = strtod(record_get(record, r->figure), NULL);
	const char *better =
		r->better ? r->better : record_get(record, "better");

	s->less = strcmp(better, "less") == 0;
	s->count[state]++;
	if (state == ROW_IS_VALID && block < 1000000)
		set(s, (unsigned)block, s->less ? 1 / figure : figure);
	return true;
}

/* ---- comparing ---- */

static double median(const struct series *s)
{
	double *sorted = calloc(s->blocks + 1, sizeof(*sorted)), value;
	size_t n = 0;

	if (!sorted)
		abort();
	for (unsigned i = 0; i < s->blocks; i++)
		if (isfinite(s->goodness[i]))
			sorted[n++] =
				s->less ? 1 / s->goodness[i] : s->goodness[i];
	gsl_sort(sorted, 1, n);
	value = n ? gsl_stats_median_from_sorted_data(sorted, 1, n) : NAN;
	free(sorted);
	return value;
}

static const char *verdict_name(enum verdict v)
{
	return v == RATIO_UNRESOLVED ? "not resolved"
	       : v == RATIO_ABOVE    ? "better"
				     : "worse";
}

static void print(const struct ratios *r, const struct series *base,
		  const struct series *s, const struct comparison *c)
{
	printf("%s,%s,%s", s->app, s->implementation, r->base);
	for (enum state i = 0; i < ROW_KINDS; i++)
		printf(",%u", s->count[i]);
	printf(",%g,%g,%g,%g,%g,%g,%g,%u,%s\n", median(s), median(base),
	       c->ratio.value, c->ratio.low, c->ratio.high, c->ratio.level,
	       c->ratio.p, c->ratio.n, verdict_name(c->verdict));
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static void compare(const struct ratios *r)
{
	struct comparison *table = calloc(r->n + 1, sizeof(*table));
	const struct series **base = calloc(r->n + 1, sizeof(struct series *));
	size_t n = 0;

	if (!table || !base)
		abort();
	for (size_t i = 0; i < r->n; i++) {
		const struct series *s = &r->series[i];

		base[i] = find(r, s->app, r->base);
		if (!base[i] || base[i] == s)
			continue;
		table[n] = (struct comparison){
			.new_ = s->goodness,
			.base = base[i]->goodness,
			.n = least(s->blocks, base[i]->blocks),
			.paired = true,
		};
		n++;
	}
	ratio_correct(table, n, 0.05);
	puts("app,implementation,base,valid,timed_out,failed,other,median,"
	     "base_median,ratio,ratio_low,ratio_high,level,p,n,verdict");
	n = 0;
	for (size_t i = 0; i < r->n; i++)
		if (base[i] && base[i] != &r->series[i])
			print(r, base[i], &r->series[i], &table[n++]);
	free(base);
	free(table);
}

/* ---- the command ---- */

static const struct argp_option options[] = {
	{ "base", 'b', "NAME", 0, "what to compare with (default plain)", 0 },
	{ "figure", 'f', "COLUMN", 0, "what to compare (default figure)", 0 },
	{ "better", 't', "more|less", 0, "instead of the column", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct ratios *r = state->input;

	switch (key) {
	case 'b':
		r->base = arg;
		return 0;
	case 'f':
		r->figure = arg;
		return 0;
	case 't':
		if (strcmp(arg, "more") != 0 && strcmp(arg, "less") != 0)
			argp_failure(state, EXIT_USAGE, 0,
				     "--better=%s: more or less", arg);
		r->better = arg;
		return 0;
	case ARGP_KEY_ARG:
		r->file = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_failure(state, EXIT_USAGE, 0, "name the file of rows");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int command_ratios(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "FILE", "Compares rows of scripts/apps.",
		NULL,	 NULL,	NULL,
	};
	struct ratios r = { .base = "plain", .figure = "figure" };
	int error;

	argp_parse(&argp, argc, argv, 0, NULL, &r);
	error = rows_each(r.file, read_record, &r);
	if (!error && r.n == 0)
		error = lab_fail("%s: no row in there", r.file);
	if (!error)
		compare(&r);
	for (size_t i = 0; i < r.n; i++)
		free(r.series[i].goodness);
	free(r.series);
	return error;
}
