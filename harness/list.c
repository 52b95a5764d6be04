/* SPDX-License-Identifier: MIT */
/*
 * `synclab list` and `synclab explain`: what there is, and what it says about
 * itself.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../scenarios/scenario.h"
#include "bench/scenarios.h"
#include "check/detector/detector.h"
#include "check/law/list.h"
#include "command.h"
#include "registry.h"

static void list_kinds(bool csv)
{
	const struct registration *const *all;
	size_t n = lab_registrations(&all);

	if (csv)
		puts("kind,implementations");
	for (size_t k = 0; lab_kinds[k]; k++) {
		unsigned count = 0;

		for (size_t i = 0; i < n; i++)
			count += strcmp(all[i]->kind, lab_kinds[k]) == 0;
		if (!count) /* programs are in the gallery alone */
			continue;
		printf(csv ? "%s,%u\n" : "%-16s %u implementations\n",
		       lab_kinds[k], count);
	}
}

static void list_implementations(bool csv)
{
	const struct registration *const *all;
	size_t n = lab_registrations(&all);

	if (csv)
		puts("kind,implementation,family,size_bytes,node_bytes,fifo,"
		     "needs_init,brief,source,unsupported");
	for (size_t i = 0; i < n; i++) {
		const struct implementation *id = all[i]->id;

		if (csv)
			printf("%s,%s,%s,%zu,%zu,%d,%d,\"%s\",\"%s\",\"%s\"\n",
			       all[i]->kind, id->name,
			       lab_family_name(id->family), id->size,
			       id->node_size, !!(id->flags & IMPL_FIFO),
			       !!(id->flags & IMPL_NEEDS_INIT), id->brief,
			       id->source,
			       id->unsupported ? id->unsupported : "");
		else
			printf("%-16s %-15s %-8s %3zu B  %s\n", all[i]->kind,
			       id->name, lab_family_name(id->family), id->size,
			       id->brief);
	}
}

static void print_params(const struct scenario *s)
{
	for (int i = 0; i < PARAMS_MAX && s->params[i].name; i++)
		printf("    %s = %llu (%llu to %llu): %s\n", s->params[i].name,
		       (unsigned long long)s->params[i].value,
		       (unsigned long long)s->params[i].min,
		       (unsigned long long)s->params[i].max,
		       s->params[i].brief);
}

static void list_scenarios(bool csv)
{
	const struct scenario *const *all;
	size_t n = lab_scenarios(&all);

	if (csv)
		puts("scenario,bound,kind,brief,models");
	for (size_t i = 0; i < n; i++) {
		const struct scenario *s = all[i];

		printf(csv ? "%s,%s,%s,\"%s\",\"%s\"\n"
			   : "%s (%s, %s): %s\n    models: %s\n",
		       s->name, lab_bound_name(s->bound), s->kind, s->brief,
		       s->models);
		if (!csv)
			print_params(s);
	}
}

static void list_laws(bool csv)
{
	if (csv)
		puts("kind,law,brief");
	lab_list_laws(stdout, csv);
}

static void list_detectors(bool csv)
{
	if (csv)
		puts("detector,build,brief");
	for (const struct detector *const *d = lab_detectors(); *d; d++)
		printf(csv ? "%s,%s,\"%s\"\n" : "%-11s %-10s %s\n", (*d)->name,
		       (*d)->build, (*d)->brief);
}

static const struct topic {
	const char *name;
	void (*list)(bool csv);
} topics[] = {
	{ "implementations", list_implementations },
	{ "kinds", list_kinds },
	{ "scenarios", list_scenarios },
	{ "laws", list_laws },
	{ "detectors", list_detectors },
};

struct arguments {
	const struct topic *topic;
	bool csv;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'f':
		a->csv = strcmp(arg, "csv") == 0;
		if (!a->csv && strcmp(arg, "text") != 0)
			argp_failure(state, EXIT_USAGE, 0,
				     "--format=%s: text or csv", arg);
		return 0;
	case ARGP_KEY_ARG:
		for (size_t i = 0; i < sizeof(topics) / sizeof(*topics); i++)
			if (strcmp(topics[i].name, arg) == 0) {
				a->topic = &topics[i];
				return 0;
			}
		argp_failure(state, EXIT_USAGE, 0,
			     "nothing called '%s' to list: kinds, "
			     "implementations, scenarios, laws or "
			     "detectors",
			     arg);
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int command_list(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "format", 'f', "text|csv", 0, "how (default text)", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		options,
		parse,
		"[kinds | implementations | scenarios | laws | detectors]",
		"Lists what there is.",
		NULL,
		NULL,
		NULL,
	};
	struct arguments a = { .topic = &topics[0] };

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	a.topic->list(a.csv);
	return 0;
}

/* The comment that follows the licence line, without its frame. */
static void print_head(FILE *f)
{
	char line[512];
	bool inside = false;

	while (fgets(line, sizeof(line), f)) {
		if (strstr(line, "SPDX"))
			continue;
		if (!inside) {
			inside = strncmp(line, "/*", 2) == 0;
			continue;
		}
		if (strstr(line, "*/"))
			return;
		fputs(strncmp(line, " * ", 3) == 0 ? line + 3 : "\n", stdout);
	}
}

int command_explain(int argc, char **argv)
{
	static const struct argp argp = {
		NULL,
		NULL,
		"KIND/IMPLEMENTATION",
		"Prints the head comment of an implementation's file.",
		NULL,
		NULL,
		NULL
	};
	const struct registration *r;
	char *name, path[512];
	int first;
	FILE *f;

	argp_parse(&argp, argc, argv, 0, &first, NULL);
	if (first != argc - 1)
		return lab_fail("explain: name one KIND/IMPLEMENTATION");
	name = strchr(argv[first], '/');
	if (name)
		*name++ = '\0';
	r = name ? lab_find(argv[first], name) : NULL;
	if (!r)
		return lab_fail("no implementation '%s%s%s': `synclab list "
				"implementations` shows them",
				argv[first], name ? "/" : "", name ? name : "");
	snprintf(path, sizeof(path), "%s/%s", SYNCLAB_ROOT, r->file);
	f = fopen(path, "r");
	if (!f)
		return lab_fail(
			"%s: %s: keep the source tree where it was built", path,
			strerror(errno));
	print_head(f);
	fclose(f);
	return 0;
}
