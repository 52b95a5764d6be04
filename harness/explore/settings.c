/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include <argp.h>
#include <errno.h>
#include <string.h>

#include "../command.h"
#include "../kit/cpu.h"
#include "../option.h"

/* EVENTS_MAX of runtime/graph.h */
enum { EVENTS_DEFAULT = 1200, EVENTS_LIMIT = 4096 };

enum {
	OPT_CFLAGS = 256,
	OPT_MODEL,
	OPT_MODE,
	OPT_BOUND,
	OPT_EXECUTIONS,
	OPT_SECONDS,
	OPT_SEED,
	OPT_WALKS,
	OPT_DEPTH,
	OPT_SPURIOUS,
	OPT_NO_TIMEOUTS,
	OPT_WEAK_FAILS,
	OPT_WAKE,
	OPT_LEAKS,
	OPT_NO_LEAKS,
	OPT_SYMMETRY,
	OPT_DUPLICATES,
	OPT_KEEP_GOING,
	OPT_FORMAT,
	OPT_TRACE,
	OPT_REPLAY,
	OPT_GDB,
	OPT_CLIENT,
	OPT_LARGE,
	OPT_LIST,
	OPT_RELAX,
	OPT_SHOW,
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What an execution may do:", 1 },
	{ "model", OPT_MODEL, "MODEL", 0, "rc11 (default), sc or tso", 1 },
	{ "spurious", OPT_SPURIOUS, NULL, 0, "waits may return for no reason",
	  1 },
	{ "no-timeouts", OPT_NO_TIMEOUTS, NULL, 0,
	  "deadlines never pass (else: at any moment)", 1 },
	{ "weak-fails", OPT_WEAK_FAILS, NULL, 0,
	  "weak compare-exchanges may fail for no reason", 1 },
	{ "wake", OPT_WAKE, "WHOM", 0,
	  "a wake takes the first sleepers: fifo (default), or any", 1 },
	{ "leaks", OPT_LEAKS, NULL, 0, "a leak is a violation (default)", 1 },
	{ "no-leaks", OPT_NO_LEAKS, NULL, 0, "memory may be left unfreed", 1 },

	{ NULL, 0, NULL, 0, "How much is explored:", 2 },
	{ "mode", OPT_MODE, "MODE", 0, "all (default), random or pct", 2 },
	{ "bound", OPT_BOUND, "N", 0, "events of one execution (default 1200)",
	  2 },
	{ "executions", OPT_EXECUTIONS, "N", 0, "at most so many", 2 },
	{ "seconds", OPT_SECONDS, "N", 0, "at most so long, each program", 2 },
	{ "symmetry", OPT_SYMMETRY, NULL, 0,
	  "threads that do the same are interchangeable", 2 },
	{ "seed", OPT_SEED, "N", 0, "random, pct: of the first walk", 2 },
	{ "walks", OPT_WALKS, "N", 0, "random, pct: how many (default 10000)",
	  2 },
	{ "depth", OPT_DEPTH, "N", 0, "pct: ordering constraints (default 3)",
	  2 },
	{ "duplicates", OPT_DUPLICATES, NULL, 0,
	  "look for executions explored twice (takes memory)", 2 },
	{ "keep-going", OPT_KEEP_GOING, NULL, 0,
	  "count violations, do not end at the first", 2 },

	{ NULL, 0, NULL, 0, "What is explored:", 3 },
	{ "cflags", OPT_CFLAGS, "FLAGS", 0, "for the compiler of FILE.c", 3 },
	{ "client", OPT_CLIENT, "NAME", 0, "only this stock client", 3 },
	{ "large", OPT_LARGE, NULL, 0, "large stock clients, too", 3 },
	{ "list", OPT_LIST, NULL, 0, "list stock clients and what they do", 3 },
	{ "relax", OPT_RELAX, NULL, 0,
	  "which memory orders does the implementation need?", 3 },

	{ NULL, 0, NULL, 0, "What is told:", 4 },
	{ "format", OPT_FORMAT, "FORMAT", 0, "text (default), json or csv", 4 },
	{ "show", OPT_SHOW, NULL, 0, "print each complete execution", 4 },
	{ "trace", OPT_TRACE, "FILE", 0, "where to write a violation's trace",
	  4 },
	{ "replay", OPT_REPLAY, "TRACE", 0, "run it once more, and report", 4 },
	{ "gdb", OPT_GDB, NULL, 0, "with --replay: under gdb", 4 },
	{ "jobs", 'j', "N", 0, "how many at a time (default: the CPUs)", 4 },
	{ 0 },
};

const char *const settings_models[] = { "rc11", "sc", "tso", NULL };
const char *const settings_modes[] = { "all", "random", "pct", NULL };
static const char *const formats[] = { "text", "json", "csv", NULL };
static const char *const wakes[] = { "fifo", "any", NULL };

static unsigned one_of(struct argp_state *state, const char *name,
		       const char *text, const char *const *names)
{
	char all[80] = "";

	for (unsigned i = 0; names[i]; i++) {
		if (strcmp(names[i], text) == 0)
			return i;
		strcat(strcat(all, i ? ", " : ""), names[i]);
	}
	argp_failure(state, EXIT_USAGE, 0, "--%s=%s: give one of %s", name,
		     text, all);
	return 0;
}

static error_t parse_permissions(int key, char *arg, struct argp_state *state,
				 struct explore_page *ask)
{
	switch (key) {
	case OPT_MODEL:
		ask->model = one_of(state, "model", arg, settings_models);
		return 0;
	case OPT_SPURIOUS:
		ask->spurious = true;
		return 0;
	case OPT_NO_TIMEOUTS:
		ask->timeouts = false;
		return 0;
	case OPT_WEAK_FAILS:
		ask->weak_fails = true;
		return 0;
	case OPT_WAKE:
		ask->wake_any = one_of(state, "wake", arg, wakes) == 1;
		return 0;
	case OPT_LEAKS:
	case OPT_NO_LEAKS:
		ask->leaks = key == OPT_LEAKS;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_extent(int key, char *arg, struct argp_state *state,
			    struct explore_page *ask)
{
	switch (key) {
	case OPT_MODE:
		ask->mode = one_of(state, "mode", arg, settings_modes);
		return 0;
	case OPT_BOUND:
		ask->events_max = (unsigned)option_number(state, "bound", arg,
							  1, EVENTS_LIMIT);
		return 0;
	case OPT_EXECUTIONS:
		ask->executions_max =
			option_number(state, "executions", arg, 1, UINT64_MAX);
		return 0;
	case OPT_SECONDS:
		ask->ms_max =
			(uint64_t)(1000 * option_seconds(state, "seconds", arg,
							 0.001, 1e6));
		return 0;
	case OPT_SYMMETRY:
		ask->symmetry = true;
		return 0;
	case OPT_DUPLICATES:
		ask->check_duplicates = true;
		return 0;
	case OPT_KEEP_GOING:
		ask->keep_going = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Of the random modes; zero means not given. */
static error_t parse_random(int key, char *arg, struct argp_state *state,
			    struct explore_page *ask)
{
	switch (key) {
	case OPT_SEED:
		ask->seed = option_number(state, "seed", arg, 1, UINT64_MAX);
		return 0;
	case OPT_WALKS:
		ask->walks = option_number(state, "walks", arg, 1, UINT64_MAX);
		return 0;
	case OPT_DEPTH:
		ask->depth = option_number(state, "depth", arg, 1, 100);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_subject(int key, char *arg, struct argp_state *state,
			     struct settings *s)
{
	switch (key) {
	case OPT_CFLAGS:
		s->cflags = arg;
		return 0;
	case OPT_CLIENT:
		s->client = arg;
		return 0;
	case OPT_LARGE:
		s->large = true;
		return 0;
	case OPT_LIST:
		s->list = true;
		return 0;
	case OPT_RELAX:
		s->relax = true;
		return 0;
	case ARGP_KEY_ARGS:
		s->subjects = state->argv + state->next;
		s->n = state->argc - state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_telling(int key, char *arg, struct argp_state *state,
			     struct settings *s)
{
	switch (key) {
	case OPT_FORMAT:
		s->format = one_of(state, "format", arg, formats);
		return 0;
	case OPT_SHOW:
		s->ask.show = true;
		return 0;
	case OPT_TRACE:
		s->trace = arg;
		return 0;
	case OPT_REPLAY:
		s->replay = arg;
		return 0;
	case OPT_GDB:
		s->gdb = true;
		return 0;
	case 'j':
		s->jobs = (unsigned)option_number(state, "jobs", arg, 1, 256);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Options that mean nothing beside others, told rather than ignored. */
static void check(struct argp_state *state, struct settings *s)
{
	const struct explore_page *ask = &s->ask;

	if (ask->mode == EXPLORE_ALL && (ask->seed || ask->walks || ask->depth))
		argp_failure(state, EXIT_USAGE, 0,
			     "--seed, --walks, --depth: add --mode=random or "
			     "--mode=pct");
	if (ask->mode == EXPLORE_RANDOM && ask->depth)
		argp_failure(state, EXIT_USAGE, 0,
			     "--depth: add --mode=pct, which has a depth");
	if (s->gdb && !s->replay)
		argp_failure(state, EXIT_USAGE, 0,
			     "--gdb: add --replay=TRACE, one execution to "
			     "look at");
	if (s->relax && s->format == FORMAT_CSV)
		argp_failure(state, EXIT_USAGE, 0,
			     "--relax --format=csv: give text or json");
	if (s->relax && (s->replay || s->trace))
		argp_failure(state, EXIT_USAGE, 0,
			     "--relax runs many programs: leave out --%s",
			     s->replay ? "replay" : "trace");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	if (key == ARGP_KEY_END) {
		check(state, s);
		return 0;
	}
	if (parse_permissions(key, arg, state, &s->ask) == 0 ||
	    parse_extent(key, arg, state, &s->ask) == 0 ||
	    parse_random(key, arg, state, &s->ask) == 0 ||
	    parse_subject(key, arg, state, s) == 0)
		return 0;
	return parse_telling(key, arg, state, s);
}

void settings_parse(struct settings *s, int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"FILE.c ... [-- ARGUMENT ...]\nKIND/NAME ...",
		"Runs C programs, or implementations under stock clients, in "
		"every way that the memory model allows.\v"
		"Exit status: 0 verified, 1 a violation, 2 usage or something "
		"unsupported (which is named), 3 verified up to a bound.",
		NULL,
		NULL,
		NULL,
	};
	int own = 1;

	*s = (struct settings){
		.ask = { .magic = EXPLORE_MAGIC,
			 .bytes = sizeof(struct explore_page),
			 .events_max = EVENTS_DEFAULT,
			 .timeouts = true,
			 .leaks = true },
		.cflags = "",
		.jobs = cpu_count(),
	};
	/* argp forgets where "--" stood among arguments */
	while (own < argc && strcmp(argv[own], "--") != 0)
		own++;
	if (own < argc) {
		s->rest = argv + own + 1;
		s->rest_n = argc - own - 1;
	}
	argp_parse(&argp, own, argv, 0, NULL, s);
	if (s->ask.mode != EXPLORE_ALL) {
		s->ask.seed = s->ask.seed ? s->ask.seed : 1;
		s->ask.walks = s->ask.walks ? s->ask.walks : 10000;
		s->ask.depth = s->ask.depth ? s->ask.depth : 3;
	}
}

void settings_print_word(FILE *out, const char *word)
{
	if (*word && strspn(word, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789-_=+./:,@%") == strlen(word)) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++)
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	fputc('\'', out);
}

void settings_print(FILE *out, const struct settings *s)
{
	const struct explore_page *ask = &s->ask;

	if (*s->cflags) {
		fputs(" --cflags=", out);
		settings_print_word(out, s->cflags);
	}
	if (ask->model != EXPLORE_RC11)
		fprintf(out, " --model=%s", settings_models[ask->model]);
	if (ask->events_max != EVENTS_DEFAULT)
		fprintf(out, " --bound=%u", ask->events_max);
	if (ask->wake_any)
		fputs(" --wake=any", out);
	if (ask->spurious)
		fputs(" --spurious", out);
	if (!ask->timeouts)
		fputs(" --no-timeouts", out);
	if (ask->weak_fails)
		fputs(" --weak-fails", out);
	if (!ask->leaks)
		fputs(" --no-leaks", out);
}
