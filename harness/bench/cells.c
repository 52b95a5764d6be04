/* SPDX-License-Identifier: MIT */
/*
 * From the sections of a campaign file to its cells: all combinations, put into
 * groups of comparable cells, with an A/A twin here and there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../registry.h"
#include "plan.h"

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
	if (p->n_rates && cell->rate_per_s)
		n += snprintf(path + n, sizeof(path) - (size_t)n,
			      "/rate_per_s:%llu",
			      (unsigned long long)cell->rate_per_s);
	if (p->n_ops && cell->ops)
		n += snprintf(path + n, sizeof(path) - (size_t)n, "/ops:%llu",
			      (unsigned long long)cell->ops);
	n += snprintf(path + n, sizeof(path) - (size_t)n, "/t:%u", c->threads);
	if (cell->mode != THROUGHPUT)
		snprintf(path + n, sizeof(path) - (size_t)n, "/%s",
			 window_mode_name(cell->mode));
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

/* Does one of the patterns match? */
static bool listed(const char *patterns, const struct registration *r,
		   const char *variant)
{
	char *copy = strdup(patterns), *rest = copy, *item;
	struct implementation id = { .name = variant };
	struct registration named = { .kind = "", .id = &id };
	bool yes = false;

	while ((item = strsep(&rest, ",")) != NULL) {
		item = trim(item); /* an empty one is no variant's kind */
		yes = yes || (*item && lab_matches(r ? r : &named, item));
	}
	free(copy);
	return yes;
}

/* The section's own list decides; without one, all but the campaign's
 * `without`. */
static bool wanted(const struct campaign *c, const struct plan *p,
		   const struct registration *r, const char *variant)
{
	if (p->implementations)
		return listed(p->implementations, r, variant);
	return !c->without || !listed(c->without, r, variant);
}

struct axes {
	uint64_t threads[LIST_MAX];
	unsigned n_threads;
	bool modes[MODES];
};

/* The modes that need a number more: each of the plan's, or the default. */
static void multiply_mode(struct campaign *out, const struct plan *p,
			  struct campaign_cell *cell)
{
	static const uint64_t rate_default = 10000, ops_default = 100000;
	bool open = cell->mode == OPEN;
	bool fixed = cell->mode == FIXED || cell->mode == UNSYNCED;
	const uint64_t *list = open ? p->rates : p->ops;
	unsigned n = open ? p->n_rates : fixed ? p->n_ops : 0;

	if (n == 0)
		list = open ? &rate_default : &ops_default;
	for (unsigned i = 0; i < n + (n == 0); i++) {
		cell->rate_per_s = open ? list[i] : 0;
		cell->ops = fixed ? list[i] : 0;
		multiply_params(out, p, cell, 0);
	}
}

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
		for (int mode = 0; mode < MODES; mode++) {
			if (!axes->modes[mode])
				continue;
			cell.cell.threads = (unsigned)axes->threads[t];
			cell.mode = (enum window_mode)mode;
			multiply_mode(out, p, &cell);
		}
}

static bool fits(const struct scenario *s, const struct registration *r)
{
	return strcmp(s->kind, "*") == 0 ? r->section != NULL
					 : strcmp(s->kind, r->kind) == 0;
}

static void read_modes(struct reader *r, const char *text, struct axes *axes)
{
	char *copy = strdup(text), *rest = copy, *item;

	memset(axes->modes, 0, sizeof(axes->modes));
	while ((item = strsep(&rest, ",")) != NULL) {
		int mode = 0;

		item = trim(item);
		while (mode < MODES &&
		       strcmp(item, window_mode_name((enum window_mode)mode)) !=
			       0)
			mode++;
		if (mode == MODES)
			reader_wrong(r,
				     "modes = %s: throughput, latency, order, "
				     "open, fixed, unsynced",
				     text);
		else
			axes->modes[mode] = true;
	}
	free(copy);
}

static bool read_axes(struct reader *r, const struct plan *p,
		      const struct campaign_options *o, struct axes *axes)
{
	const char *threads = o->threads   ? o->threads
			      : p->threads ? p->threads
					   : "1";
	axes->n_threads = reader_list(r, "threads", threads, 1, THREADS_MAX,
				      axes->threads);
	read_modes(r, p->modes ? p->modes : "throughput", axes);
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
		    wanted(r->campaign, p, all[i], NULL))
			multiply_axes(r->campaign, p, &axes, all[i], NULL);
	for (const char *const *v = p->scenario->variants; v && *v; v++)
		if (wanted(r->campaign, p, NULL, *v))
			multiply_axes(r->campaign, p, &axes, NULL, *v);
	/* a kind that nobody implements is no mistake of [*] */
	if (r->campaign->n == before && !p->rest)
		reader_wrong(
			r,
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

bool cells_make(struct reader *r, const struct campaign_options *o)
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

/* ---- groups and twins ---- */

/* Do two cells differ in nothing but the implementation? */
static bool comparable(const struct campaign_cell *a,
		       const struct campaign_cell *b)
{
	const struct cell *x = &a->cell, *y = &b->cell;
	const char *kind = x->implementation ? x->implementation->kind : NULL;
	const char *other = y->implementation ? y->implementation->kind : NULL;

	return x->scenario == y->scenario && x->threads == y->threads &&
	       a->mode == b->mode && a->rate_per_s == b->rate_per_s &&
	       a->ops == b->ops && a->window_ms == b->window_ms &&
	       (!kind || !other || strcmp(kind, other) == 0) &&
	       memcmp(x->values, y->values, sizeof(x->values)) == 0;
}

/* The cells of each group in a row, in the order in which they first came. */
static void sort_into_groups(struct campaign *c)
{
	struct campaign_cell *sorted = calloc(c->n, sizeof(*sorted));
	bool *taken = calloc(c->n, sizeof(*taken));
	size_t n = 0;

	if (!sorted || !taken)
		abort();
	for (size_t i = 0; i < c->n; i++) {
		size_t first = n;

		if (taken[i])
			continue;
		for (size_t j = i; j < c->n; j++) {
			if (taken[j] || !comparable(&c->cells[i], &c->cells[j]))
				continue;
			taken[j] = true;
			sorted[n] = c->cells[j];
			sorted[n++].group = c->groups;
		}
		c->groups += n > first;
	}
	free(taken);
	free(c->cells);
	c->cells = sorted;
}

/* The same cell under the name NAME.suffix. */
static struct campaign_cell renamed(const struct campaign_cell *cell,
				    const char *suffix)
{
	struct campaign_cell copy = *cell;
	int head = (int)(strchr(cell->path, '/') - cell->path) + 1 +
		   (int)strlen(cell->name);
	char *name, *path;

	if (asprintf(&name, "%s.%s", cell->name, suffix) < 0 ||
	    asprintf(&path, "%.*s.%s%s", head, cell->path, suffix,
		     cell->path + head) < 0)
		abort();
	copy.name = name;
	copy.path = path;
	return copy;
}

/* Behind the cells that they are copies of: a twin for one cell of each n-th
 * group, in turn the first, second, ..., and the other build's. */
static void add_copies(struct campaign *c, bool old)
{
	struct campaign_cell *all =
		calloc(2 * c->n + c->groups + 1, sizeof(*all));
	size_t n = 0;

	if (!all)
		abort();
	for (size_t i = 0, end; i < c->n; i = end) {
		size_t group = c->cells[i].group, size;

		for (end = i; end < c->n && c->cells[end].group == group;)
			end++;
		size = end - i;
		for (size_t j = i; j < end; j++) {
			const struct campaign_cell *cell = &c->cells[j];

			all[n++] = *cell;
			if (!cell->cell.implementation)
				continue;
			if (old) {
				all[n] = renamed(cell, "base");
				all[n++].old = true;
			}
			if (c->twin_every && group % c->twin_every == 0 &&
			    j - i == group / c->twin_every % size) {
				all[n] = renamed(cell, "twin");
				all[n++].twin = true;
			}
		}
	}
	free(c->cells);
	c->cells = all;
	c->n = n;
}

void cells_group(struct campaign *c, bool old)
{
	c->groups = 0;
	sort_into_groups(c);
	add_copies(c, old);
}
