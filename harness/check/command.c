/* SPDX-License-Identifier: MIT */
/*
 * `synclab check [KIND | KIND/IMPLEMENTATION | IMPLEMENTATION ...]`
 */
#include "../command.h"

#include <argp.h>
#include <stdlib.h>

#include "../registry.h"
#include "runner.h"

struct arguments {
	char **patterns;
	int n;
};

static unsigned number(struct argp_state *state, const char *name,
		       const char *text, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || value < 1 || value > max)
		argp_failure(state, EXIT_USAGE, 0,
			     "--%s=%s: give a whole number from 1 to %lu", name,
			     text, max);
	return (unsigned)value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'e':
		law_effort = number(state, "effort", arg, 1000);
		return 0;
	case 'l':
		law_limit_s = number(state, "limit-s", arg, 3600);
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

int command_check(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "effort", 'e', "N", 0,
		  "make N times the usual rounds (default 1)", 0 },
		{ "limit-s", 'l', "N", 0,
		  "when a law counts as hung (default 300)", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		options,
		parse,
		"[KIND | KIND/IMPLEMENTATION ...]",
		"Tests implementations by the laws of their kinds. Patterns "
		"may have shell wildcards; without one, all are tested.",
		NULL,
		NULL,
		NULL,
	};
	struct arguments a = { 0 };
	struct law_totals totals = { 0 };
	const struct registration *const *all;
	size_t n = lab_registrations(&all);

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (unmatched(&a))
		return lab_fail("no implementation matches '%s': `synclab list "
				"implementations` shows them",
				unmatched(&a));
	for (size_t i = 0; i < n; i++)
		if (selected(all[i], &a))
			lab_run_laws(all[i], &totals);
	printf("laws: %u passed, %u failed, %u skipped\n", totals.passed,
	       totals.failed, totals.skipped);
	return totals.failed ? EXIT_CHECK : 0;
}
