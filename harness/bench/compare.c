/* SPDX-License-Identifier: MIT */
/*
 * `synclab compare BASE NEW`: the same cells in two campaigns, or two
 * implementations in one, as ratios with intervals; for people and for CI.
 *
 * Two campaigns were measured at different times, and whatever changed in
 * between is in their ratio (identical code, a minute apart on a busy machine:
 * 1.8). `bench --base=PROGRAM` measures two builds side by side instead.
 */
#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../command.h"
#include "ratio.h"
#include "rows.h"

/* FOLDER or FOLDER:IMPLEMENTATION, or one half of a FOLDER of two builds. */
struct side {
	const char *text;
	char folder[600];
	const char *implementation; /* NULL: each by its own name */
	enum { WHOLE, OLD_BUILD, NEW_BUILD } half;
	struct series *series;
	size_t n;
	bool known; /* any window has the figure */
};

/* The valid windows of one cell. */
struct series {
	char identity[600]; /* without what tells the sides apart */
	double *values;	    /* by block; NAN: none */
	unsigned n;
};

struct arguments {
	struct side base, new_;
	const char *figure;
	double threshold; /* share */
	int n;
};

static bool less_is_better(const char *figure)
{
	/* rates and shares of fairness grow with quality, times do not */
	return strstr(figure, "_ns") || strstr(figure, "sw_per_op") ||
	       strncmp(figure, "futex_", 6) == 0 ||
	       strcmp(figure, "gini") == 0 || strcmp(figure, "thread_cv") == 0;
}

/* ---- reading ---- */

struct reading {
	struct side *side;
	const char *figure;
};

static struct series *series_of(struct side *s, const char *identity)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->series[i].identity, identity) == 0)
			return &s->series[i];
	s->series = realloc(s->series, (s->n + 1) * sizeof(*s->series));
	if (!s->series)
		abort();

	struct series *new_ = &s->series[s->n++];

	memset(new_, 0, sizeof(*new_));
	snprintf(new_->identity, sizeof(new_->identity), "%s", identity);
	return new_;
}

static void set(struct series *s, unsigned block, double value)
{
	if (block >= s->n) {
		s->values =
			realloc(s->values, (block + 1) * sizeof(*s->values));
		if (!s->values)
			abort();
		while (s->n <= block)
			s->values[s->n++] = NAN;
	}
	s->values[block] = value;
}

/* Is the implementation of this half? Takes ".base" off its name. */
static bool of_half(const struct side *side, char *name)
{
	char *suffix = strrchr(name, '.');
	bool old = suffix && strcmp(suffix, ".base") == 0;

	if (side->half == WHOLE)
		return true;
	if (old && side->half == OLD_BUILD)
		*suffix = '\0';
	return side->half == (old ? OLD_BUILD : NEW_BUILD);
}

static bool read_record(void *context, const struct record *record)
{
	struct reading *r = context;
	const char *implementation = record_get(record, "implementation");
	struct side *side = r->side;
	char identity[600], name[80];
	double value;
	struct row row;

	if (side->implementation &&
	    strcmp(implementation, side->implementation) != 0)
		return true;
	snprintf(name, sizeof(name), "%s", implementation);
	if (!of_half(side, name))
		return true;
	row_from_record(&row, record);
	if (row.state != ROW_VALID)
		return true;
	snprintf(identity, sizeof(identity), "%s/%s%s%s %s t:%s %s",
		 record_get(record, "kind"), side->implementation ? "" : name,
		 side->implementation ? "" : "/",
		 record_get(record, "scenario"),
		 record_get(record, "parameters"),
		 record_get(record, "threads"), record_get(record, "mode"));
	value = row_figure(&row, r->figure);
	side->known = side->known || !isnan(value);
	set(series_of(side, identity), row.context.block, value);
	return true;
}

static int read_side(struct side *s, const char *figure)
{
	struct reading reading = { .side = s, .figure = figure };
	char path[700];
	int error;

	snprintf(path, sizeof(path), "%s/raw.csv", s->folder);
	error = rows_each(path, read_record, &reading);
	if (error)
		return error;
	if (s->n == 0)
		return lab_fail("%s: no valid window%s%s in its raw.csv: "
				"`cut -d, -f11 raw.csv` shows the names there",
				s->text, s->implementation ? " of " : "",
				s->implementation ? s->implementation : "");
	if (!s->known)
		return lab_fail("%s: no figure '%s' there: results/README.md "
				"has the columns",
				s->text, figure);
	return 0;
}

static void free_side(struct side *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->series[i].values);
	free(s->series);
}

/* "FOLDER:NAME", unless there is a folder of that very name. */
static void split_side(struct side *s)
{
	struct stat st;
	char *colon;

	snprintf(s->folder, sizeof(s->folder), "%s", s->text);
	colon = strrchr(s->folder, ':');
	if (!colon || stat(s->folder, &st) == 0)
		return;
	*colon = '\0';
	s->implementation = colon + 1;
}

/* ---- comparing ---- */

struct pair {
	const struct series *base, *new_;
};

static size_t match(const struct side *base, const struct side *new_,
		    struct pair *out)
{
	size_t n = 0;

	for (size_t i = 0; i < base->n; i++)
		for (size_t j = 0; j < new_->n; j++)
			if (strcmp(base->series[i].identity,
				   new_->series[j].identity) == 0)
				out[n++] = (struct pair){
					.base = &base->series[i],
					.new_ = &new_->series[j]
				};
	return n;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static const char *verdict_name(enum verdict v, bool less)
{
	if (v == RATIO_UNRESOLVED)
		return "not resolved";
	return (v == RATIO_ABOVE) != less ? "faster" : "slower";
}

/* Is all of the interval worse than the threshold? */
static bool regressed(const struct comparison *c, const struct arguments *a)
{
	if (c->verdict == RATIO_UNRESOLVED)
		return false;
	return less_is_better(a->figure) ? c->ratio.low > 1 + a->threshold
					 : c->ratio.high < 1 - a->threshold;
}

static int print(const struct arguments *a, const struct pair *pairs,
		 const struct comparison *table, size_t n)
{
	bool less = less_is_better(a->figure);
	unsigned count[3] = { 0 }, worse = 0;

	printf("%s, NEW / BASE\n", a->figure);
	if (strcmp(a->base.folder, a->new_.folder) != 0)
		puts("measured at different times: what else has changed since "
		     "is in these ratios (bench --base=PROGRAM avoids that)");
	for (size_t i = 0; i < n; i++) {
		const struct comparison *c = &table[i];
		bool bad = regressed(c, a);

		count[c->verdict]++;
		worse += bad;
		printf("%-72s %6.3f [%.3f, %.3f]  %s%s\n",
		       pairs[i].base->identity, c->ratio.value, c->ratio.low,
		       c->ratio.high, verdict_name(c->verdict, less),
		       bad ? "  REGRESSION" : "");
	}
	printf("%zu comparisons: %u faster, %u slower, %u not resolved; %u "
	       "regressions beyond %g %%\n",
	       n, count[less ? RATIO_BELOW : RATIO_ABOVE],
	       count[less ? RATIO_ABOVE : RATIO_BELOW], count[RATIO_UNRESOLVED],
	       worse, 100 * a->threshold);
	return worse ? EXIT_CHECK : 0;
}

static int compare(const struct arguments *a)
{
	/* blocks of one campaign were measured side by side, those of two were
	 * not */
	bool paired = strcmp(a->base.folder, a->new_.folder) == 0;
	struct pair *pairs = calloc(a->base.n * a->new_.n + 1, sizeof(*pairs));
	size_t n = pairs ? match(&a->base, &a->new_, pairs) : 0;
	struct comparison *table = calloc(n + 1, sizeof(*table));
	int status;

	if (!pairs || !table)
		abort();
	for (size_t i = 0; i < n; i++)
		table[i] = (struct comparison){
			.new_ = pairs[i].new_->values,
			.base = pairs[i].base->values,
			.n = paired ? least(pairs[i].new_->n, pairs[i].base->n)
				    : pairs[i].new_->n,
			.m = pairs[i].base->n,
			.paired = paired,
		};
	ratio_correct(table, n, 0.05);
	if (n)
		status = print(a, pairs, table, n);
	else
		status = lab_fail("%s and %s have no cell in common: measure "
				  "the same campaign twice, or with --base",
				  a->base.text, a->new_.text);
	free(pairs);
	free(table);
	return status;
}

/* ---- the command ---- */

static const struct argp_option options[] = {
	{ "figure", 'f', "COLUMN", 0, "of raw.csv (default ops_per_s)", 0 },
	{ "threshold", 't', "PERCENT", 0,
	  "how much worse is a regression (default 5)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;
	char *end;

	switch (key) {
	case 'f':
		a->figure = arg;
		return 0;
	case 't':
		a->threshold = strtod(arg, &end) / 100;
		if (end == arg || *end || !(a->threshold >= 0) ||
		    a->threshold >= 1)
			argp_failure(state, EXIT_USAGE, 0,
				     "--threshold=%s: give per cent, from 0 to "
				     "100",
				     arg);
		return 0;
	case ARGP_KEY_ARG:
		if (a->n == 2)
			argp_failure(state, EXIT_USAGE, 0,
				     "two campaigns at a time: '%s' is too "
				     "many",
				     arg);
		(a->n++ ? &a->new_ : &a->base)->text = arg;
		return 0;
	case ARGP_KEY_END:
		if (a->n == 0)
			argp_failure(state, EXIT_USAGE, 0,
				     "name two, BASE and NEW, or one that has "
				     "two builds");
		if (a->n == 1) {
			a->new_.text = a->base.text;
			a->base.half = OLD_BUILD;
			a->new_.half = NEW_BUILD;
		}
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"BASE NEW\nFOLDER",
	"Compares two campaigns cell by cell; each is a FOLDER of results, or "
	"FOLDER:IMPLEMENTATION. Two implementations of one folder are compared "
	"block by block, and so are the two builds of a folder that `bench "
	"--base=PROGRAM` has measured.\v"
	"Exit status: 0 no regression, 1 a resolved regression beyond the "
	"threshold, 2 usage or environment.",
	NULL,
	NULL,
	NULL,
};

int command_compare(int argc, char **argv)
{
	struct arguments a = { .figure = "ops_per_s", .threshold = 0.05 };
	int error; /* or the exit status */

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	split_side(&a.base);
	split_side(&a.new_);
	error = read_side(&a.base, a.figure);
	if (!error)
		error = read_side(&a.new_, a.figure);
	if (!error)
		error = compare(&a);
	free_side(&a.base);
	free_side(&a.new_);
	return error;
}
