/* SPDX-License-Identifier: MIT */
#include "campaign.h"

#include <ctype.h>
#include <ini.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../command.h"
#include "../registry.h"

enum { LIST_MAX = 64 };

/* One section of the file, before it is multiplied out. */
struct plan {
	char title[128];		 /* as in the file, label included */
	const struct scenario *scenario; /* NULL: all that are not named */
	bool rest;			 /* made from such a plan */
	uint64_t window_ms;		 /* 0: the campaign's */
	char *implementations, *threads, *modes;
	uint64_t values[PARAMS_MAX][LIST_MAX];
	unsigned n_values[PARAMS_MAX]; /* 0: the default */
};

struct reader {
	struct campaign *campaign;
	struct plan *plans;
	size_t n_plans;
	char why[300]; /* the first thing that is wrong */
};

const char *window_mode_name(enum window_mode mode)
{
	static const char *const names[MODES] = {
		[THROUGHPUT] = "throughput", [LATENCY] = "latency",
		[ORDER] = "order",	     [OPEN] = "open",
		[FIXED] = "fixed",	     [UNSYNCED] = "unsynced",
	};

	return names[mode];
}

static int wrong(struct reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Returns what an inih handler returns for an error. */
static int wrong(struct reader *r, const char *format, ...)
{
	va_list args;

	if (r->why[0])
		return 0;
	va_start(args, format);
	vsnprintf(r->why, sizeof(r->why), format, args);
	va_end(args);
	return 0;
}

static char *trim(char *s)
{
	char *end = s + strlen(s);

	while (isspace((unsigned char)*s))
		s++;
	while (end > s && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return s;
}

/* Whole numbers within [min, max], comma between them; how many, 0 if wrong. */
static unsigned parse_list(struct reader *r, const char *name, const char *text,
			   uint64_t min, uint64_t max, uint64_t *out)
{
	char *copy = strdup(text), *rest = copy, *item;
	unsigned n = 0;

	while ((item = strsep(&rest, ",")) != NULL) {
		char *end;

		item = trim(item);
		errno = 0;

		unsigned long long value = strtoull(item, &end, 10);

		if (!isdigit((unsigned char)*item) || *end || errno ||
		    value < min || value > max || n == LIST_MAX) {
			wrong(r,
			      "%s = %s: give up to %d whole numbers from "
			      "%llu to %llu, separated by commas",
			      name, text, LIST_MAX, (unsigned long long)min,
			      (unsigned long long)max);
			n = 0;
			break;
		}
		out[n++] = value;
	}
	free(copy);
	return n;
}

static int read_campaign_key(struct reader *r, const char *name,
			     const char *value)
{
	uint64_t list[LIST_MAX];
	uint64_t max = strcmp(name, "repetitions") == 0 ? 1000 : 600000;

	if (strcmp(name, "window_ms") != 0 && strcmp(name, "ramp_ms") != 0 &&
	    strcmp(name, "repetitions") != 0)
		return wrong(r,
			     "[campaign] has no key '%s': window_ms, "
			     "ramp_ms, repetitions",
			     name);
	if (parse_list(r, name, value, name[0] == 'r' && name[1] == 'a' ? 0 : 1,
		       max, list) != 1)
		return wrong(r, "%s = %s: give one number", name, value);
	if (strcmp(name, "window_ms") == 0)
		r->campaign->window_ms = list[0];
	else if (strcmp(name, "ramp_ms") == 0)
		r->campaign->ramp_ms = list[0];
	else
		r->campaign->repetitions = (unsigned)list[0];
	return 1;
}

/* The plan of this section; a new one when its title first comes up. */
static struct plan *plan_of(struct reader *r, const char *title)
{
	char name[128];

	for (size_t i = 0; i < r->n_plans; i++)
		if (strcmp(r->plans[i].title, title) == 0)
			return &r->plans[i];
	snprintf(name, sizeof(name), "%s", title);
	if (strchr(name, ':'))
		*strchr(name, ':') = '\0';

	const struct scenario *s = lab_scenario(trim(name));

	if (!s && strcmp(trim(name), "*") != 0) {
		wrong(r,
		      "no scenario '%s': `synclab list scenarios` shows "
		      "them",
		      trim(name));
		return NULL;
	}
	r->plans = realloc(r->plans, (r->n_plans + 1) * sizeof(*r->plans));
	if (!r->plans)
		abort();

	struct plan *p = &r->plans[r->n_plans++];

	memset(p, 0, sizeof(*p));
	snprintf(p->title, sizeof(p->title), "%s", title);
	p->scenario = s;
	return p;
}

static int read_param(struct reader *r, struct plan *p, const char *name,
		      const char *value)
{
	for (int i = 0;
	     p->scenario && i < PARAMS_MAX && p->scenario->params[i].name;
	     i++) {
		const struct param *q = &p->scenario->params[i];

		if (strcmp(q->name, name) != 0)
			continue;
		p->n_values[i] = parse_list(r, name, value, q->min, q->max,
					    p->values[i]);
		return p->n_values[i] > 0;
	}
	return wrong(r,
		     "scenario %s has no parameter '%s': `synclab list "
		     "scenarios` shows them",
		     p->scenario ? p->scenario->name : "*", name);
}

static int read_key(void *context, const char *section, const char *name,
		    const char *value)
{
	struct reader *r = context;
	struct plan *p;

	if (strcmp(section, "campaign") == 0)
		return read_campaign_key(r, name, value);
	if (section[0] == '\0')
		return wrong(r, "'%s' stands before the first [section]", name);
	p = plan_of(r, section);
	if (!p)
		return 0;
	if (strcmp(name, "implementations") == 0)
		p->implementations = strdup(value);
	else if (strcmp(name, "threads") == 0)
		p->threads = strdup(value);
	else if (strcmp(name, "modes") == 0)
		p->modes = strdup(value);
	else if (strcmp(name, "window_ms") == 0)
		return parse_list(r, name, value, 1, 600000, &p->window_ms) ==
		       1;
	else
		return read_param(r, p, name, value);
	return 1;
}

/* ---- multiplying out ---- */

static void add_cell(struct campaign *c, const struct campaign_cell *cell)
{
	c->cells = realloc(c->cells, (c->n + 1) * sizeof(*c->cells));
	if (!c->cells)
		abort();
	c->cells[c->n++] = *cell;
}

static char *path_of(const struct plan *p, const struct campaign_cell *cell)
{
	const struct cell *c = &cell->cell;
	char path[512];
	int n = snprintf(path, sizeof(path), "%s/%s/%s",
			 c->implementation ? c->implementation->kind
					   : c->scenario->kind,
			 c->name, c->scenario->name);

	for (int i = 0; i < PARAMS_MAX; i++)
		if (p->n_values[i])
			n += snprintf(path + n, sizeof(path) - (size_t)n,
				      "/%s:%llu", c->scenario->params[i].name,
				      (unsigned long long)c->values[i]);
	n += snprintf(path + n, sizeof(path) - (size_t)n, "/t:%u", c->threads);
	if (cell->mode == LATENCY)
		snprintf(path + n, sizeof(path) - (size_t)n, "/latency");
	return strdup(path);
}

/* All combinations of the values of parameter i and those behind it. */
static void multiply_params(struct campaign *out, const struct plan *p,
			    struct campaign_cell *cell, int i)
{
	const struct param *param = &p->scenario->params[i];

	if (i == PARAMS_MAX || !param->name) {
		struct campaign_cell copy = *cell;

		copy.path = path_of(p, &copy);
		add_cell(out, &copy);
		return;
	}
	cell->cell.values[i] = param->value;
	if (!p->n_values[i])
		multiply_params(out, p, cell, i + 1);
	for (unsigned v = 0; v < p->n_values[i]; v++) {
		cell->cell.values[i] = p->values[i][v];
		multiply_params(out, p, cell, i + 1);
	}
}

static bool listed(const char *patterns, const struct registration *r,
		   const char *variant)
{
	char *copy = strdup(patterns ? patterns : "*"), *rest = copy, *item;
	struct implementation id = { .name = variant };
	struct registration named = { .kind = "", .id = &id };
	bool yes = false;

	while ((item = strsep(&rest, ",")) != NULL)
		yes = yes || lab_matches(r ? r : &named, trim(item));
	free(copy);
	return yes;
}

struct axes {
	uint64_t threads[LIST_MAX];
	unsigned n_threads;
	bool modes[2];
};

static void multiply_axes(struct campaign *out, const struct plan *p,
			  const struct axes *axes, const struct registration *r,
			  const char *variant)
{
	struct campaign_cell cell = { .cell = { .scenario = p->scenario,
						.implementation = r } };

	cell.cell.name = r ? r->id->name : variant;
	cell.name = cell.cell.name;
	cell.window_ms = p->window_ms;
	for (unsigned t = 0; t < axes->n_threads; t++)
		for (int mode = 0; mode < 2; mode++) {
			if (!axes->modes[mode])
				continue;
			cell.cell.threads = (unsigned)axes->threads[t];
			cell.mode = (enum window_mode)mode;
			multiply_params(out, p, &cell, 0);
		}
}

static bool fits(const struct scenario *s, const struct registration *r)
{
	return strcmp(s->kind, "*") == 0 ? r->section != NULL
					 : strcmp(s->kind, r->kind) == 0;
}

static bool read_axes(struct reader *r, const struct plan *p,
		      const struct campaign_options *o, struct axes *axes)
{
	const char *threads = o->threads   ? o->threads
			      : p->threads ? p->threads
					   : "1";
	const char *modes = p->modes ? p->modes : "throughput";

	axes->n_threads = parse_list(r, "threads", threads, 1, THREADS_MAX,
				     axes->threads);
	axes->modes[THROUGHPUT] = strstr(modes, "throughput") != NULL;
	axes->modes[LATENCY] = strstr(modes, "latency") != NULL;
	if (!axes->modes[THROUGHPUT] && !axes->modes[LATENCY])
		wrong(r, "modes = %s: throughput, latency or both", modes);
	return r->why[0] == '\0';
}

static bool multiply(struct reader *r, const struct plan *p,
		     const struct campaign_options *o)
{
	const struct registration *const *all;
	size_t n = lab_registrations(&all), before = r->campaign->n;
	struct axes axes;

	if (!read_axes(r, p, o, &axes))
		return false;
	for (size_t i = 0; i < n; i++)
		if (fits(p->scenario, all[i]) &&
		    listed(p->implementations, all[i], NULL))
			multiply_axes(r->campaign, p, &axes, all[i], NULL);
	for (const char *const *v = p->scenario->variants; v && *v; v++)
		if (listed(p->implementations, NULL, *v))
			multiply_axes(r->campaign, p, &axes, NULL, *v);
	/* a kind that nobody implements is no mistake of [*] */
	if (r->campaign->n == before && !p->rest)
		wrong(r,
		      "[%s] implementations = %s: none of kind %s matches: "
		      "`synclab list implementations` shows them",
		      p->title, p->implementations ? p->implementations : "*",
		      p->scenario->kind);
	return r->why[0] == '\0';
}

/* A plan for each scenario that no section names, in the place of [*]. */
static bool multiply_rest(struct reader *r, const struct plan *rest,
			  const struct campaign_options *o)
{
	const struct scenario *const *all;
	size_t n = lab_scenarios(&all);

	for (size_t i = 0; i < n; i++) {
		struct plan p = *rest;
		bool named = false;

		for (size_t j = 0; j < r->n_plans; j++)
			named = named || r->plans[j].scenario == all[i];
		p.scenario = all[i];
		p.rest = true;
		if (!named && !multiply(r, &p, o))
			return false;
	}
	return true;
}

static bool multiply_all(struct reader *r, const struct campaign_options *o)
{
	for (size_t i = 0; i < r->n_plans; i++) {
		const struct plan *p = &r->plans[i];

		if (p->scenario ? !multiply(r, p, o) : !multiply_rest(r, p, o))
			return false;
	}
	for (size_t i = 0; i < r->campaign->n; i++)
		if (!r->campaign->cells[i].window_ms || o->window_ms)
			r->campaign->cells[i].window_ms =
				r->campaign->window_ms;
	return true;
}

static int filter(struct campaign *c, const char *expression)
{
	regex_t re;
	size_t kept = 0;
	int error = regcomp(&re, expression, REG_EXTENDED | REG_NOSUB);

	if (error) {
		char text[100];

		regerror(error, &re, text, sizeof(text));
		return lab_fail("--filter=%s: %s", expression, text);
	}
	for (size_t i = 0; i < c->n; i++)
		if (regexec(&re, c->cells[i].path, 0, NULL, 0) == 0)
			c->cells[kept++] = c->cells[i];
	regfree(&re);
	if (kept == 0)
		return lab_fail("--filter=%s matches none of the %zu cells of "
				"%s: `synclab bench --list` shows them",
				expression, c->n, c->file);
	c->n = kept;
	return 0;
}

static int read_file(struct reader *r, const char *file,
		     const struct campaign_options *o)
{
	struct campaign *out = r->campaign;
	FILE *f = fopen(file, "r");
	int line;

	*out = (struct campaign){
		.file = file, .window_ms = 100, .ramp_ms = 20, .repetitions = 1
	};
	if (!f)
		return lab_fail("%s: %s: name a campaign file, such as "
				"scenarios/quick.ini",
				file, strerror(errno));
	line = ini_parse_file(f, read_key, r);
	fclose(f);
	if (line)
		return lab_fail("%s:%d: %s", file, line,
				r->why[0] ? r->why
					  : "neither a [section] nor "
					    "key = value");
	if (o->repetitions)
		out->repetitions = o->repetitions;
	if (o->window_ms)
		out->window_ms = o->window_ms;
	if (!multiply_all(r, o))
		return lab_fail("%s: %s", o->threads ? "--threads" : file,
				r->why);
	if (out->n == 0)
		return lab_fail("%s names no scenario: add a [section], see "
				"scenarios/quick.ini",
				file);
	return o->filter ? filter(out, o->filter) : 0;
}

int campaign_read(const char *file, const struct campaign_options *o,
		  struct campaign *out)
{
	struct reader r = { .campaign = out };
	int status = read_file(&r, file, o);

	for (size_t i = 0; i < r.n_plans; i++) {
		free(r.plans[i].implementations);
		free(r.plans[i].threads);
		free(r.plans[i].modes);
	}
	free(r.plans);
	return status;
}

void campaign_shuffle(size_t *order, size_t n, uint64_t *seed)
{
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	/* Fisher and Yates, with splitmix64 (Steele et al., OOPSLA 2014) */
	for (size_t i = n; i > 1; i--) {
		uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);

		x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
		x ^= x >> 31;

		size_t j = x % i, swap = order[i - 1];

		order[i - 1] = order[j];
		order[j] = swap;
	}
}
