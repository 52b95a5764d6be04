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

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;
	char *end;
	unsigned long effort;

	switch (key) {
	case 'e':
		effort = strtoul(arg, &end, 10);
		if (*end || effort < 1 || effort > 1000)
			argp_error(state, "--effort=%s: give a number from 1 "
					  "to 1000", arg);
		law_effort = (unsigned)effort;
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
		{ 0 },
	};
	static const struct argp argp = {
		options, parse, "[KIND | KIND/IMPLEMENTATION ...]",
		"Tests implementations by the laws of their kinds. Patterns "
		"may have shell wildcards; without one, all are tested.",
		NULL, NULL, NULL,
	};
	struct arguments a = { 0 };
	struct law_totals totals = { 0 };
	const struct registration *const *all;
	size_t n = lab_registrations(&all);

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (unmatched(&a))
		return lab_fail("no implementation matches '%s': `synclab list "
			    "implementations` shows them", unmatched(&a));
	for (size_t i = 0; i < n; i++)
		if (selected(all[i], &a))
			lab_run_laws(all[i], &totals);
	printf("laws: %u passed, %u failed, %u skipped\n", totals.passed,
	       totals.failed, totals.skipped);
	return totals.failed ? EXIT_CHECK : 0;
}
