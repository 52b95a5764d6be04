/* SPDX-License-Identifier: MIT */
/*
 * Reads the INI file of a campaign; cells.c multiplies its sections out.
 */
#include "plan.h"

#include <ctype.h>
#include <ini.h>
#include <math.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../command.h"
#include "../registry.h"

const char *window_mode_name(enum window_mode mode)
{
	static const char *const names[MODES] = {
		[THROUGHPUT] = "throughput", [LATENCY] = "latency",
		[ORDER] = "order",	     [OPEN] = "open",
		[FIXED] = "fixed",	     [UNSYNCED] = "unsynced",
	};

	return names[mode];
}

int reader_wrong(struct reader *r, const char *format, ...)
{
	va_list args;

	if (r->why[0])
		return 0;
	va_start(args, format);
	vsnprintf(r->why, sizeof(r->why), format, args);
	va_end(args);
	return 0;
}

char *trim(char *s)
{
	char *end = s + strlen(s);

	while (isspace((unsigned char)*s))
		s++;
	while (end > s && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return s;
}

bool campaign_number(const char *text, uint64_t *out)
{
	unsigned long long factor = 1, divisor = 1, more = 0;
	char *end = (char *)(uintptr_t)text;
	cpu_set_t cpus;

	errno = 0;
	if (isdigit((unsigned char)*text))
		factor = strtoull(text, &end, 10);
	*out = factor;
	if (errno || (*end == '\0' && end != text) || *end != 'P')
		return !errno && *end == '\0' && end != text;
	if (*++end == '/')
		divisor = strtoull(end + 1, &end, 10);
	if (*end == '+' && isdigit((unsigned char)end[1]))
		more = strtoull(end + 1, &end, 10);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	if (*end || divisor == 0)
		return false;
	*out = factor * (unsigned long long)CPU_COUNT(&cpus) / divisor;
	*out += *out == 0; /* P/2 of one CPU */
	*out += more;
	return true;
}

unsigned reader_list(struct reader *r, const char *name, const char *text,
		     uint64_t min, uint64_t max, uint64_t *out)
{
	char *copy = strdup(text), *rest = copy, *item;
	unsigned n = 0;

	while ((item = strsep(&rest, ",")) != NULL) {
		bool known = false;
		uint64_t value;

		if (!campaign_number(trim(item), &value) || value < min ||
		    value > max || n == LIST_MAX) {
			reader_wrong(r,
				     "%s = %s: give up to %d whole numbers "
				     "from %llu to %llu, separated by commas",
				     name, text, LIST_MAX,
				     (unsigned long long)min,
				     (unsigned long long)max);
			n = 0;
			break;
		}
		/* on one CPU, P and 1 are the same */
		for (unsigned i = 0; i < n && !known; i++)
			known = out[i] == value;
		if (!known)
			out[n++] = value;
	}
	free(copy);
	return n;
}

static int read_order(struct reader *r, const char *value)
{
	r->campaign->sequential = strcmp(value, "sequential") == 0;
	if (!r->campaign->sequential && strcmp(value, "interleaved") != 0)
		return reader_wrong(r, "order = %s: interleaved or sequential",
				    value);
	return 1;
}

/* May go on in indented lines; each comes as a key of its own. */
static int read_without(struct campaign *c, const char *value)
{
	char *longer = NULL;

	if (asprintf(&longer, "%s,%s", c->without ? c->without : "", value) < 0)
		abort();
	free(c->without);
	c->without = longer;
	return 1;
}

static int read_campaign_key(struct reader *r, const char *name,
			     const char *value)
{
	struct campaign *c = r->campaign;
	uint64_t list[LIST_MAX], repetitions = c->repetitions,
				 twin_every = c->twin_every;
	const struct {
		const char *name;
		uint64_t min, max, *out;
	} keys[] = {
		{ "window_ms", 1, 600000, &c->window_ms },
		{ "ramp_ms", 0, 600000, &c->ramp_ms },
		{ "repetitions", 1, 1000, &repetitions },
		{ "twin_every", 0, 1000, &twin_every },
	};

	if (strcmp(name, "order") == 0)
		return read_order(r, value);
	if (strcmp(name, "without") == 0)
		return read_without(c, value);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(name, keys[i].name) != 0)
			continue;

		unsigned n = reader_list(r, name, value, keys[i].min,
					 keys[i].max, list);

		if (n != 1)
			return reader_wrong(r, "%s = %s: give one number", name,
					    value);
		*keys[i].out = list[0];
		c->repetitions = (unsigned)repetitions;
		c->twin_every = (unsigned)twin_every;
		return 1;
	}
	return reader_wrong(r,
			    "[campaign] has no key '%s': window_ms, ramp_ms, "
			    "repetitions, twin_every, without, order",
			    name);
}

static int read_finding_key(struct reader *r, const char *name,
			    const char *value)
{
	struct finding *f = &r->campaign->finding;
	uint64_t cpus[LIST_MAX];
	const struct {
		const char *name, **out;
	} keys[] = {
		{ "id", &f->id },
		{ "claim", &f->claim },
		{ "source", &f->source },
		{ "shape", &f->shape },
	};

	if (strcmp(name, "cpus") == 0) {
		if (reader_list(r, name, value, 1, 4096, cpus) != 1)
			return 0;
		f->cpus = (unsigned)cpus[0];
		return 1;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(name, keys[i].name) == 0) {
			*keys[i].out = strdup(value);
			return 1;
		}
	return reader_wrong(r,
			    "[finding] has no key '%s': id, claim, source, "
			    "shape, cpus",
			    name);
}

/* The expectation of this section; a new one when its title first comes up. */
static int read_expect_key(struct reader *r, const char *title,
			   const char *name, const char *value)
{
	struct campaign *c = r->campaign;
	struct expectation *e =
		c->n_expectations ? &c->expectations[c->n_expectations - 1]
				  : NULL;
	const char *no;

	if (!e || strcmp(e->title, title) != 0) {
		c->expectations = realloc(c->expectations,
					  (c->n_expectations + 1) * sizeof(*e));
		if (!c->expectations)
			abort();
		e = &c->expectations[c->n_expectations++];
		*e = (struct expectation){ .title = strdup(title),
					   .figure = "ops_per_s",
					   .above = -INFINITY,
					   .below = INFINITY };
	}
	no = expect_key(e, name, value);
	return no ? reader_wrong(r, "[expect: %s] %s = %s: %s", title, name,
				 value, no)
		  : 1;
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
		reader_wrong(r,
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
		p->n_values[i] = reader_list(r, name, value, q->min, q->max,
					     p->values[i]);
		return p->n_values[i] > 0;
	}
	return reader_wrong(r,
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
	if (strcmp(section, "finding") == 0)
		return read_finding_key(r, name, value);
	if (strncmp(section, "expect:", 7) == 0)
		return read_expect_key(
			r, section + 7 + strspn(section + 7, " "), name, value);
	if (section[0] == '\0')
		return reader_wrong(r, "'%s' stands before the first [section]",
				    name);
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
		return reader_list(r, name, value, 1, 600000, &p->window_ms) ==
		       1;
	else if (strcmp(name, "rate_per_s") == 0)
		p->n_rates = reader_list(r, name, value, 1, NS_PER_S, p->rates);
	else if (strcmp(name, "ops") == 0)
		p->n_ops = reader_list(r, name, value, 1, 1u << 31, p->ops);
	else
		return read_param(r, p, name, value);
	return 1;
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
		else
			free(c->cells[i].path);
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
		.file = file,
		.window_ms = 100,
		.ramp_ms = 20,
		.repetitions = 1,
		.twin_every = 1,
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
	if (!cells_make(r, o))
		return lab_fail("%s: %s", o->threads ? "--threads" : file,
				r->why);
	if (out->n == 0)
		return lab_fail("%s names no scenario: add a [section], see "
				"scenarios/quick.ini",
				file);
	if (o->filter && filter(out, o->filter))
		return EXIT_USAGE;
	cells_group(out, o->base != NULL);
	for (size_t i = 0; i < out->n_expectations; i++)
		/* a filter may well leave out what is expected of the rest */
		if (!expect_resolve(out, &out->expectations[i], r->why,
				    sizeof(r->why)) &&
		    !o->filter)
			return lab_fail("%s: [expect: %s] %s", file,
					out->expectations[i].title, r->why);
	return 0;
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
	free(out->without);
	out->without = NULL; /* the cells are multiplied out */
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
