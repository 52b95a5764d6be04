/* SPDX-License-Identifier: MIT */
/*
 * `synclab explore FILE.c ...` and `synclab explore KIND/NAME ...`
 *
 * A program, or a stock client with an implementation, runs in every way that
 * the memory model allows. The work is done by the runtime (runtime/) in a
 * process of its own; here it is built, started, and its verdict told.
 */
#include "../command.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "explored.h"
#include "place.h"
#include "program.h"
#include "relax.h"
#include "result.h"
#include "settings.h"
#include "stock.h"

struct plan {
	struct explored *all;
	size_t n;
	/* what they point at */
	struct stock *stock;
	char **argv;
	char program[4200];
};

static bool is_file(const char *subject)
{
	const char *end = strrchr(subject, '.');

	return end && strcmp(end, ".c") == 0;
}

static bool selected(const struct registration *r, const struct settings *s)
{
	for (int i = 0; i < s->n; i++)
		if (lab_matches(r, s->subjects[i]))
			return true;
	return s->n == 0;
}

/* Each pattern has to match something, so that a typo is not a green run. A
 * file is none. */
static const char *unmatched(const struct settings *s)
{
	const struct registration *const *all;
	size_t n = lab_registrations(&all);

	for (int i = 0; i < s->n; i++) {
		bool found = is_file(s->subjects[i]);

		for (size_t j = 0; j < n && !found; j++)
			found = lab_matches(all[j], s->subjects[i]);
		if (!found)
			return s->subjects[i];
	}
	return NULL;
}

/* Planted faults are known to a build of their own, beside this one. */
static int hand_over_to_canaries(char **argv)
{
	static char path[4200];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 20);
	char *words[1024] = { path, (char *)"explore" };

	if (n < 0)
		abort();
	strcpy(path + n, "-canaries");
	for (int i = 1; i < 1022 && argv[i]; i++)
		words[i + 1] = argv[i];
	execv(path, words);
	return lab_fail("%s is not there: build it with `make canaries`", path);
}

/* Of a pattern that nothing here matches. */
static int look_elsewhere(const char *pattern, char **argv)
{
	bool planted = strstr(pattern, "broken_") || strstr(pattern, "fixed_");

	if (planted && !strstr(program_invocation_name, "-canaries"))
		return hand_over_to_canaries(argv);
	return lab_fail("no implementation matches '%s': `synclab list "
			"implementations` shows them",
			pattern);
}

static bool wanted(const struct stock *c, const struct settings *s)
{
	if (s->client)
		return strcmp(s->client, c->client) == 0;
	return s->large || !c->large;
}

/* The stock clients of all that is selected; false: said why. */
static bool list_stock(const struct settings *s, struct stock **all, size_t *n)
{
	const struct registration *const *registered;
	size_t count = lab_registrations(&registered);

	*all = NULL;
	*n = 0;
	for (size_t i = 0; i < count; i++)
		if (selected(registered[i], s) &&
		    !stock_list(registered[i], all, n))
			return false;
	return true;
}

static int print_list(const struct settings *s)
{
	struct stock *all;
	size_t n;

	if (!list_stock(s, &all, &n))
		return EXIT_USAGE;
	for (size_t i = 0; i < n; i++)
		printf("%-24s %-20s %u threads%s: %s%s%s\n",
		       all[i].implementation, all[i].client, all[i].threads,
		       all[i].large ? ", large" : "", all[i].about,
		       all[i].lacks[0] ? "; " : "", all[i].lacks);
	free(all);
	return 0;
}

/* Where its trace and report go: a name of its own for the same program and
 * options, so that a second run writes over the first. */
static void name_output(struct explored *e, const struct settings *s,
			const char *name)
{
	char *options = NULL, stem[3000];
	size_t size = 0;
	FILE *f = open_memstream(&options, &size);

	settings_print(f, s);
	fprintf(f, " %d %llu", s->ask.mode, (unsigned long long)s->ask.seed);
	for (int i = 0; i < s->rest_n; i++)
		fprintf(f, " %s", s->rest[i]);
	fclose(f);
	snprintf(stem, sizeof(stem), "%s/%s-%08x", place_output(), name,
		 place_hash(options));
	free(options);
	snprintf(e->report, sizeof(e->report), "%s.report", stem);
	snprintf(e->trace, sizeof(e->trace), "%s.trace", stem);
	if (s->trace)
		snprintf(e->trace, sizeof(e->trace), "%s", s->trace);
	if (s->replay)
		snprintf(e->trace, sizeof(e->trace), "%s", s->replay);
	unlink(e->report);
	if (!s->replay)
		unlink(e->trace);
}

static void plan_client(struct plan *p, const struct settings *s,
			const struct stock *c, const struct registration *r)
{
	struct explored *e = &p->all[p->n];
	char **argv = &p->argv[4 * p->n++], name[160];

	argv[0] = (char *)stock_program(r);
	argv[1] = (char *)c->implementation;
	argv[2] = (char *)c->client;
	*e = (struct explored){ .name = c->implementation,
				.client = c->client,
				.argv = argv,
				.talks = s->ask.show || s->replay };
	if (c->lacks[0]) {
		e->verdict = NOT_APPLICABLE;
		snprintf(e->why, sizeof(e->why), "%s", c->lacks);
	}
	snprintf(name, sizeof(name), "%s-%s", c->implementation, c->client);
	*strchr(name, '/') = '-';
	name_output(e, s, name);
}

static const struct registration *registration_of(const struct stock *c)
{
	char kind[80];

	snprintf(kind, sizeof(kind), "%s", c->implementation);
	*strchr(kind, '/') = '\0';
	return lab_find(kind, strchr(c->implementation, '/') + 1);
}

static int plan_stock(struct plan *p, const struct settings *s)
{
	size_t n;

	if (!list_stock(s, &p->stock, &n))
		return EXIT_USAGE;
	p->all = calloc(n + 1, sizeof(*p->all));
	p->argv = calloc(4 * n + 4, sizeof(*p->argv));
	if (!p->all || !p->argv)
		abort();
	for (size_t i = 0; i < n; i++)
		if (wanted(&p->stock[i], s))
			plan_client(p, s, &p->stock[i],
				    registration_of(&p->stock[i]));
	if (p->n == 0)
		return lab_fail("no client '%s' for what is selected: "
				"`synclab explore --list` shows them",
				s->client ? s->client : "");
	return 0;
}

static int plan_program(struct plan *p, const struct settings *s)
{
	char name[4200];
	int r = program_build(s->subjects, s->n, s->cflags, p->program,
			      sizeof(p->program));

	if (r)
		return r;
	p->all = calloc(1, sizeof(*p->all));
	p->argv = calloc((size_t)s->rest_n + 2, sizeof(*p->argv));
	if (!p->all || !p->argv)
		abort();
	p->argv[0] = p->program;
	for (int i = 0; i < s->rest_n; i++)
		p->argv[i + 1] = s->rest[i];
	p->n = 1;
	*p->all = (struct explored){ .name = s->subjects[0],
				     .argv = p->argv,
				     .talks = s->ask.show || s->replay };
	strcpy(name, p->program);
	name_output(p->all, s, basename(name));
	return 0;
}

static int plan(struct plan *p, const struct settings *s)
{
	int files = 0;

	for (int i = 0; i < s->n; i++)
		files += is_file(s->subjects[i]);
	if (files == s->n)
		return plan_program(p, s);
	if (files)
		return lab_fail("give files or implementations, not both");
	if (s->rest_n)
		return lab_fail("arguments after -- are for a program: give a "
				"FILE.c");
	if (*s->cflags)
		return lab_fail("--cflags are for a FILE.c: implementations "
				"are built by `make explorer`");
	return plan_stock(p, s);
}

static void tell(const struct explored *e, void *settings)
{
	result_tell(e, settings);
}

static int run(struct plan *p, struct settings *s)
{
	struct exploring how = {
		.ask = &s->ask,
		.jobs = s->jobs,
		.progress = isatty(STDERR_FILENO),
		.done = tell,
		.context = s,
	};

	explored_run(p->all, p->n, &how);
	if (s->format == FORMAT_TEXT && p->n > 1)
		result_totals(p->all, p->n);
	return result_status(p->all, p->n);
}

/* One execution, as the trace says. */
static int replay(struct plan *p, struct settings *s)
{
	if (p->n != 1)
		return lab_fail("--replay: a trace is of one program: name it, "
				"and its client with --client=NAME");
	if (access(s->replay, R_OK))
		return lab_fail("--replay=%s: %s: give a trace that `synclab "
				"explore` has written",
				s->replay, strerror(errno));
	s->ask.only_replay = true;
	s->jobs = 1;
	if (s->gdb)
		return explored_gdb(&p->all[0], &s->ask);
	return run(p, s);
}

static int dispatch(struct plan *p, struct settings *s)
{
	int r = plan(p, s);

	if (r)
		return r;
	if (s->replay)
		return replay(p, s);
	if (s->trace && p->n != 1)
		return lab_fail("--trace is one file: name one program, or one "
				"client with --client=NAME");
	if (s->relax && !p->stock)
		return lab_fail("--relax is for implementations: name a "
				"KIND/NAME");
	return s->relax ? relax(p->all, p->n, s) : run(p, s);
}

int command_explore(int argc, char **argv)
{
	char **before = calloc((size_t)argc + 1, sizeof(*before));
	struct settings s;
	struct plan p = { .n = 0 };
	int r;

	if (!before)
		abort();
	memcpy(before, argv, (size_t)argc * sizeof(*before));
	settings_parse(&s, argc, argv);
	if (unmatched(&s))
		r = look_elsewhere(unmatched(&s), before);
	else if (s.list)
		r = print_list(&s);
	else if (s.n == 0)
		r = lab_fail("explore: name a FILE.c or a KIND/NAME: `synclab "
			     "explore --help` tells more");
	else
		r = dispatch(&p, &s);
	for (size_t i = 0; i < p.n; i++)
		explored_forget(&p.all[i]);
	free(p.all);
	free(p.stock);
	free(p.argv);
	free(before);
	return r;
}
