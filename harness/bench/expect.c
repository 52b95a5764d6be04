/* SPDX-License-Identifier: MIT */
#include "expect.h"

#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "ratio.h"
#include "summary.h"

/* "1.2", "P+1", "0.7P"; P is the number of CPUs. */
static bool read_bound(const char *text, double *out)
{
	uint64_t whole, cpus;
	char *end;

	if (campaign_number(text, &whole)) {
		*out = (double)whole;
		return true;
	}
	*out = strtod(text, &end);
	if (end != text && *end == 'P' && end[1] == '\0' &&
	    campaign_number("P", &cpus)) {
		*out *= (double)cpus;
		return true;
	}
	return end != text && *end == '\0';
}

static const char *read_state(struct expectation *e, const char *value)
{
	e->state = strdup(value);
	return row_state(value) < ROW_STATES
		       ? NULL
		       : "valid, spoilt, invalid, failed or skipped";
}

static const char *read_why(struct expectation *e, const char *value)
{
	regex_t re;

	e->why = strdup(value);
	if (regcomp(&re, value, REG_EXTENDED | REG_NOSUB))
		return "give an extended regular expression";
	regfree(&re);
	return NULL;
}

static const char *read_take(struct expectation *e, const char *value)
{
	e->spread = strcmp(value, "spread") == 0;
	return e->spread || strcmp(value, "value") == 0 ? NULL
							: "value or spread";
}

const char *expect_key(struct expectation *e, const char *name,
		       const char *value)
{
	const struct {
		const char *name, **out;
	} texts[] = {
		{ "figure", &e->figure },
		{ "of", &e->of },
		{ "over", &e->over },
		{ "over_figure", &e->over_figure },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(name, texts[i].name) == 0) {
			*texts[i].out = strdup(value);
			return NULL;
		}
	if (strcmp(name, "state") == 0)
		return read_state(e, value);
	if (strcmp(name, "why") == 0)
		return read_why(e, value);
	if (strcmp(name, "take") == 0)
		return read_take(e, value);
	if (strcmp(name, "above") != 0 && strcmp(name, "below") != 0)
		return "no such key: figure, of, over, over_figure, take, "
		       "above, below, state, why";
	e->bounded = true;
	return read_bound(value, name[0] == 'a' ? &e->above : &e->below)
		       ? NULL
		       : "give a number, or a number of CPUs such as 0.7P";
}

/* ---- selectors ---- */

/* Is part, of length n, made of whole components of path? */
static bool component(const char *path, const char *part, size_t n)
{
	for (const char *p = path; *p; p++)
		if ((p == path || p[-1] == '/') && strncmp(p, part, n) == 0 &&
		    (p[n] == '/' || p[n] == '\0'))
			return true;
	return false;
}

/* "t:2P" as "t:4". */
static void resolve_part(const char *part, char *out, size_t size)
{
	const char *colon = strchr(part, ':');
	uint64_t n;

	if (colon && campaign_number(colon + 1, &n))
		snprintf(out, size, "%.*s:%llu", (int)(colon - part), part,
			 (unsigned long long)n);
	else
		snprintf(out, size, "%s", part);
}

static bool says(const struct campaign_cell *cell, const char *part)
{
	return component(cell->path, part, strlen(part)) ||
	       strcmp(part, window_mode_name(cell->mode)) == 0;
}

static bool selects(const char *selector, const struct campaign_cell *cell)
{
	char *copy = strdup(selector), *rest = copy, *part;
	bool all = true;

	while ((part = strsep(&rest, " ")) != NULL) {
		char name[128];

		resolve_part(part, name, sizeof(name));
		all = all && says(cell, name);
	}
	free(copy);
	return all;
}

/* The one cell that the selector names. */
static bool find(const struct campaign *c, const char *selector, size_t *out,
		 char *why, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (!selects(selector, &c->cells[i]))
			continue;
		if (n++) {
			snprintf(why, size,
				 "'%s' names %s and %s: name more parts of "
				 "the path",
				 selector, c->cells[*out].path,
				 c->cells[i].path);
			return false;
		}
		*out = i;
	}
	if (n == 0)
		snprintf(why, size,
			 "'%s' names no cell: `synclab bench --list` shows "
			 "them",
			 selector);
	return n == 1;
}

/* "campaign" in the place of a cell: it has twins. */
static bool find_twins(const struct campaign *c, struct expectation *e,
		       char *why, size_t size)
{
	bool any = false;

	for (size_t i = 0; i < c->n; i++)
		any = any || c->cells[i].twin;
	e->twins = any && strcmp(e->of, "campaign") == 0;
	if (!e->twins)
		snprintf(why, size,
			 "twins_apart is `of = campaign`, and wants twin_every "
			 "above 0");
	return e->twins;
}

bool expect_resolve(const struct campaign *c, struct expectation *e, char *why,
		    size_t size)
{
	e->cell = e->over_cell = SIZE_MAX;
	if (!e->of) {
		snprintf(why, size, "says not of which cell: add `of = ...`");
		return false;
	}
	if (!e->state && !e->bounded) {
		snprintf(why, size, "has no bound: add above, below or state");
		return false;
	}
	if (!e->state && strcmp(e->figure, "twins_apart") == 0)
		return find_twins(c, e, why, size);
	if (!find(c, e->of, &e->cell, why, size))
		return false;
	return find(c, e->over ? e->over : e->of, &e->over_cell, why, size);
}

/* ---- judging ---- */

static enum outcome judge_state(const struct summary *s,
				const struct expectation *e, char *text,
				size_t size)
{
	const struct cell_rows *c = &s->cells[e->cell];
	enum outcome o = UNRESOLVED;
	size_t as_expected = 0, counted = 0;
	regex_t re;

	if (regcomp(&re, e->why ? e->why : "", REG_EXTENDED | REG_NOSUB))
		return UNRESOLVED;
	for (size_t i = 0; i < c->n; i++) {
		const struct row *r = &c->rows[i];

		if (r->state == ROW_SPOILT && row_state(e->state) != ROW_SPOILT)
			continue;
		counted++;
		as_expected += r->state == row_state(e->state) &&
			       regexec(&re, r->why, 0, NULL, 0) == 0;
	}
	regfree(&re);
	snprintf(text, size, "%zu of %zu windows", as_expected, counted);
	if (counted)
		o = as_expected == counted ? REPRODUCED : CONTRADICTED;
	return o;
}

/* Pairs below this cannot have p <= 0.05, whatever they say. */
enum { TWIN_PAIRS_MIN = 6 };

/* How often two names for one lock look different. */
static struct ratio measure_twins(const struct summary *s, double confidence)
{
	const struct campaign *c = s->campaign;
	unsigned apart = 0, n = 0;

	for (size_t i = 1; i < c->n; i++) {
		double *a, *b;
		struct ratio r;

		if (!c->cells[i].twin)
			continue;
		a = summary_values(s, i, figure_name(OPS_PER_S));
		b = summary_values(s, i - 1, figure_name(OPS_PER_S));
		r = ratio_paired(a, b, s->blocks, confidence);
		n += r.n >= TWIN_PAIRS_MIN;
		apart += r.n >= TWIN_PAIRS_MIN && r.p <= 0.05;
		free(a);
		free(b);
	}
	return ratio_share(apart, n, confidence);
}

/* The values of a cell, as the expectation takes them. */
static double *taken(const struct summary *s, const struct expectation *e,
		     size_t cell, const char *figure)
{
	double *values = summary_values(s, cell, figure);

	if (e->spread)
		ratio_deviations(values, s->blocks);
	return values;
}

static struct ratio measure(const struct summary *s,
			    const struct expectation *e, double confidence)
{
	double *a, *b = NULL;
	struct ratio r;

	if (e->twins)
		return measure_twins(s, confidence);
	a = taken(s, e, e->cell, e->figure);
	if (e->over || e->over_figure) {
		b = taken(s, e, e->over_cell,
			  e->over_figure ? e->over_figure : e->figure);
		r = ratio_paired(a, b, s->blocks, confidence);
	} else {
		r = ratio_single(a, s->blocks, confidence);
	}
	free(a);
	free(b);
	return r;
}

static const char *why_none(const struct summary *s,
			    const struct expectation *e)
{
	const struct cell_rows *c;

	if (e->twins)
		return "no twin has 6 pairs of windows";
	c = &s->cells[e->cell];
	return c->n && c->rows[c->n - 1].why[0] ? c->rows[c->n - 1].why
						: "no valid window has it";
}

enum outcome expect_judge(const struct summary *s, const struct expectation *e,
			  double confidence, char *text, size_t size)
{
	struct ratio r;

	if (e->cell == SIZE_MAX && !e->twins) {
		snprintf(text, size, "left out by --filter");
		return UNRESOLVED;
	}
	if (e->state)
		return judge_state(s, e, text, size);
	r = measure(s, e, confidence);
	if (r.n == 0) {
		snprintf(text, size, "no figure: %s", why_none(s, e));
		return UNRESOLVED;
	}
	snprintf(text, size, "%.4g [%.4g, %.4g]", r.value, r.low, r.high);
	if (r.low >= e->above && r.high <= e->below)
		return REPRODUCED;
	return r.high < e->above || r.low > e->below ? CONTRADICTED
						     : UNRESOLVED;
}

const char *outcome_name(enum outcome o)
{
	static const char *const names[] = { "not resolved", "reproduced",
					     "contradicted" };

	return names[o];
}

bool expect_state(const struct campaign *c, size_t cell, int state)
{
	for (size_t i = 0; i < c->n_expectations; i++) {
		const struct expectation *e = &c->expectations[i];

		if (e->cell == cell && e->state &&
		    (int)row_state(e->state) == state)
			return true;
	}
	return false;
}

/* All of them are to hold at once (Bonferroni). */
static double level(const struct campaign *c)
{
	return 1 - 0.05 / (double)c->n_expectations;
}

bool expect_write(const struct summary *s, const struct campaign *c,
		  const char *path)
{
	struct output o;

	if (!output_open(&o, path))
		return false;
	fputs("schema,finding,outcome,title,figures,above,below\n", o.file);
	for (size_t i = 0; i < c->n_expectations; i++) {
		const struct expectation *e = &c->expectations[i];
		char text[400];
		enum outcome outcome =
			expect_judge(s, e, level(c), text, sizeof(text));

		fprintf(o.file, "%d,%s,%s", SCHEMA,
			c->finding.id ? c->finding.id : "",
			outcome_name(outcome));
		output_text(o.file, e->title);
		output_text(o.file, text);
		fprintf(o.file, ",%g,%g\n", e->above, e->below);
	}
	return output_close(&o);
}

static void print_bounds(const struct expectation *e, FILE *out)
{
	if (e->state)
		fprintf(out, "all %s", e->state);
	if (!isinf(e->above))
		fprintf(out, ">= %g", e->above);
	if (!isinf(e->above) && !isinf(e->below))
		fputs(", ", out);
	if (!isinf(e->below))
		fprintf(out, "<= %g", e->below);
}

enum outcome expect_print(const struct summary *s, const struct campaign *c,
			  FILE *out)
{
	enum outcome worst = c->n_expectations ? REPRODUCED : UNRESOLVED;

	if (c->n_expectations)
		fputs("\nExpected\n", out);
	for (size_t i = 0; i < c->n_expectations; i++) {
		const struct expectation *e = &c->expectations[i];
		char text[400];
		/* all of them are to hold at once (Bonferroni) */
		enum outcome o =
			expect_judge(s, e, 1 - 0.05 / (double)c->n_expectations,
				     text, sizeof(text));

		fprintf(out, "  %-12s  %s: %s, expected ", outcome_name(o),
			e->title, text);
		print_bounds(e, out);
		fputc('\n', out);
		if (o == CONTRADICTED ||
		    (o == UNRESOLVED && worst == REPRODUCED))
			worst = o;
	}
	return worst;
}
