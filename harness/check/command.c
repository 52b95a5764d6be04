/* SPDX-License-Identifier: MIT */
/*
 * `synclab check [OPTION ...] [KIND | KIND/IMPLEMENTATION ...]`
 */
#include "../command.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "../option.h"
#include "../registry.h"
#include "law/list.h"
#include "verdict.h"

enum { OPT_SEED = 256, OPT_LAW, OPT_HERE, OPT_FORMAT };

struct arguments {
	char **patterns;
	int n;
	const char *detectors; /* comma between them; NULL: all */
	struct budget budget;
	unsigned jobs;
	bool here, csv;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'd':
		a->detectors = arg;
		return 0;
	case 's':
		a->budget.seconds =
			option_seconds(state, "seconds", arg, 0, 86400);
		return 0;
	case 'l':
		a->budget.limit_s =
			(unsigned)option_number(state, "limit-s", arg, 1, 3600);
		return 0;
	case 'j':
		a->jobs = (unsigned)option_number(state, "jobs", arg, 1, 256);
		return 0;
	case OPT_SEED:
		a->budget.seed =
			option_number(state, "seed", arg, 1, UINT64_MAX);
		return 0;
	case OPT_LAW:
		a->budget.law = *arg ? arg : NULL;
		return 0;
	case OPT_HERE:
		a->here = true;
		return 0;
	case OPT_FORMAT:
		a->csv = strcmp(arg, "csv") == 0;
		if (!a->csv && strcmp(arg, "text") != 0)
			argp_failure(state, EXIT_USAGE, 0,
				     "--format=%s: text or csv", arg);
		return 0;
	case ARGP_KEY_ARGS:
		a->patterns = state->argv + state->next;
		a->n = state->argc - state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool selected(const struct registration *r, const struct arguments *a)
{
	for (int i = 0; i < a->n; i++)
		if (lab_matches(r, a->patterns[i]))
			return true;
	return a->n == 0;
}

/* Each pattern has to match something, so that a typo is not a green run. */
static const char *unmatched(const struct arguments *a)
{
	const struct registration *const *all;
	size_t n = lab_registrations(&all);

	for (int i = 0; i < a->n; i++) {
		bool found = false;

		for (size_t j = 0; j < n && !found; j++)
			found = lab_matches(all[j], a->patterns[i]);
		if (!found)
			return a->patterns[i];
	}
	return NULL;
}

/* Likewise a law: some of what is selected has to have it. */
static bool law_known(const struct arguments *a)
{
	const struct registration *const *all;
	size_t n = lab_registrations(&all);

	for (size_t i = 0; a->budget.law && i < n; i++)
		if (selected(all[i], a) &&
		    law_named(all[i]->kind, a->budget.law))
			return true;
	return !a->budget.law;
}

static size_t count(const struct detector *const *detectors)
{
	size_t n = 0;

	while (detectors[n])
		n++;
	return n;
}

/* The detectors of a list such as "laws,stress", NULL at the end; the first
 * name that is none goes to *unknown. */
static const struct detector **chosen(const char *list, const char **unknown)
{
	static char names[256]; /* *unknown may be one of them */
	const struct detector *const *all = lab_detectors();
	size_t n = count(all), i = 0;
	const struct detector **some = calloc(n + 1, sizeof(*some));
	char *rest = names, *name;

	if (!some)
		abort();
	if (!list)
		return memcpy(some, all, n * sizeof(*some));
	snprintf(names, sizeof(names), "%s", list);
	while ((name = strsep(&rest, ",")) && !*unknown) {
		const struct detector *d = lab_detector(name);

		if (!d || i == n)
			*unknown = name;
		else
			some[i++] = d;
	}
	return some;
}

static void tell(const struct job *j)
{
	verdict_line(j, false);
}

static void tell_whole(const struct job *j)
{
	verdict_line(j, true);
}

/* Selected, and its kind has the law that is asked for. */
static bool wanted(const struct registration *r, const struct arguments *a)
{
	return selected(r, a) &&
	       (!a->budget.law || law_named(r->kind, a->budget.law));
}

/* One job for each implementation and detector, by implementation. */
static struct job *plan(const struct arguments *a,
			const struct detector *const *detectors, size_t *n)
{
	const struct registration *const *all;
	size_t registrations = lab_registrations(&all);
	size_t width = count(detectors);
	struct job *jobs = calloc(registrations * width + 1, sizeof(*jobs));

	if (!jobs)
		abort();
	*n = 0;
	for (size_t i = 0; i < registrations; i++)
		for (size_t d = 0; wanted(all[i], a) && d < width; d++)
			jobs[(*n)++] = (struct job){ .subject = all[i],
						     .detector = detectors[d] };
	return jobs;
}

/* Each implementation's jobs stand together, one for each detector. */
static void screens(const struct job *jobs, size_t n, size_t detectors)
{
	for (size_t i = 0; i < n; i += detectors)
		verdict_screen(&jobs[i], detectors);
}

static void totals(const struct job *jobs, size_t n)
{
	unsigned held = 0, failed = 0, skipped = 0;

	for (size_t i = 0; i < n; i++) {
		const struct finding *f = &jobs[i].finding;

		held += f->laws - f->failed - f->skipped;
		failed += f->failed;
		skipped += f->skipped + (f->verdict == SKIPPED);
	}
	printf("laws: %u passed, %u failed, %u skipped\n", held, failed,
	       skipped);
}

static int run_all(const struct arguments *a,
		   const struct detector *const *detectors)
{
	size_t n, width = count(detectors);
	struct job *jobs = plan(a, detectors, &n);
	bool caught = false;

	if (a->csv)
		verdict_csv_head();
	jobs_run(jobs, n, a->jobs, &a->budget,
		 a->csv	     ? verdict_csv
		 : width > 1 ? tell
			     : tell_whole);
	for (size_t i = 0; i < n; i++)
		caught = caught || job_caught(&jobs[i]);
	if (!a->csv && width > 1)
		screens(jobs, n, width);
	if (!a->csv)
		totals(jobs, n);
	free(jobs);
	return caught ? EXIT_CHECK : 0;
}

static const struct registration *only(const struct arguments *a)
{
	const struct registration *const *all;
	size_t n = lab_registrations(&all);

	for (size_t i = 0; i < n; i++)
		if (selected(all[i], a))
			return all[i];
	return NULL;
}

static const struct argp_option options[] = {
	{ "detectors", 'd', "LIST", 0,
	  "only these, with commas (`synclab list detectors`)", 0 },
	{ "seconds", 's', "N", 0,
	  "for each detector and implementation (default 10)", 0 },
	{ "seed", OPT_SEED, "N", 0, "of the first run (default 1)", 0 },
	{ "law", OPT_LAW, "NAME", 0, "only this law", 0 },
	{ "limit-s", 'l', "N", 0, "when a run counts as hung (default 300)",
	  0 },
	{ "jobs", 'j', "N", 0, "how many at a time (default: the CPUs)", 0 },
	{ "format", OPT_FORMAT, "FORMAT", 0, "text (default) or csv", 0 },
	{ "here", OPT_HERE, NULL, OPTION_HIDDEN, "run one job", 0 },
	{ 0 },
};

int command_check(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"[KIND | KIND/IMPLEMENTATION ...]",
		"Looks for faults in implementations, by all detectors. "
		"Patterns may have shell wildcards; without one, all are "
		"tested.",
		NULL,
		NULL,
		NULL,
	};
	struct arguments a = {
		.budget = { .seconds = 10, .seed = 1, .limit_s = 300 },
		.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
	};
	const struct detector **detectors;
	const char *unknown = NULL;
	int r;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (unmatched(&a))
		return lab_fail("no implementation matches '%s': `synclab list "
				"implementations` shows them",
				unmatched(&a));
	detectors = chosen(a.detectors, &unknown);
	if (unknown)
		return lab_fail("no detector '%s': `synclab list detectors` "
				"shows them",
				unknown);
	if (!law_known(&a))
		return lab_fail("no law '%s' for what is selected: `synclab "
				"list laws` shows them",
				a.budget.law);
	r = a.here ? job_here(only(&a), detectors[0], &a.budget)
		   : run_all(&a, detectors);
	free(detectors);
	return r;
}
