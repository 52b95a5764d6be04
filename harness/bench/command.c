/* SPDX-License-Identifier: MIT */
/*
 * `synclab bench`: reads a campaign, has it run, and closes with a summary.
 */
#include "../command.h"

#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "../option.h"
#include "gbench.h"
#include "run.h"

struct arguments {
	struct campaign_options options;
	const char *campaign, *profile, *out;
	const char *resume; /* NULL: start anew; "": the newest that fits */
	uint64_t seed, budget_ns;
	bool seeded, list, console;
};

enum {
	KEY_WINDOW = 256,
	KEY_LIST,
	KEY_CONSOLE,
	KEY_PATIENCE,
	KEY_BUDGET,
	KEY_RESUME,
	KEY_LENIENT,
	KEY_BASE,
};

static const struct argp_option options[] = {
	{ "filter", 'f', "REGEX", 0, "only the cells whose path matches", 0 },
	{ "threads", 't', "N,...", 0, "these instead of the campaign's", 0 },
	{ "profile", 'p', "smoke|quick|full", 0,
	  "which of our own campaigns (default quick)", 0 },
	{ "repetitions", 'r', "N", 0, "windows of each cell", 0 },
	{ "window-ms", KEY_WINDOW, "N", 0, "measured part of a window", 0 },
	{ "out", 'o', "DIR", 0, "where results go (default results)", 0 },
	{ "seed", 's', "N", 0, "of the order, to repeat a campaign", 0 },
	{ "patience-s", KEY_PATIENCE, "N", 0,
	  "when a window counts as hung (default 20)", 0 },
	{ "budget", KEY_BUDGET, "MINUTES", 0,
	  "spend this time where intervals are still wide", 0 },
	{ "resume", KEY_RESUME, "FOLDER", OPTION_ARG_OPTIONAL,
	  "go on with a campaign that was cut off (default: the newest that "
	  "fits)",
	  0 },
	{ "base", KEY_BASE, "PROGRAM", 0,
	  "measure another build of synclab beside this one, block by block",
	  0 },
	{ "lenient", KEY_LENIENT, NULL, 0,
	  "count windows that other programs have disturbed", 0 },
	{ "list", KEY_LIST, NULL, 0, "print the paths of the cells and stop",
	  0 },
	{ "console", KEY_CONSOLE, NULL, 0,
	  "print Google Benchmark's table instead of ours", 0 },
	{ 0 },
};

static const char *program(struct argp_state *state, const char *path)
{
	struct stat file;

	if (stat(path, &file) || !S_ISREG(file.st_mode) || access(path, X_OK))
		argp_failure(state, EXIT_USAGE, 0,
			     "--base=%s: no program: name another build's "
			     "synclab",
			     path);
	return path;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'f':
		a->options.filter = arg;
		return 0;
	case 't':
		a->options.threads = arg;
		return 0;
	case 'p':
		if (strcmp(arg, "smoke") != 0 && strcmp(arg, "quick") != 0 &&
		    strcmp(arg, "full") != 0)
			argp_failure(state, EXIT_USAGE, 0,
				     "--profile=%s: smoke, quick or full", arg);
		a->profile = arg;
		return 0;
	case 'r':
		a->options.repetitions = (unsigned)option_number(
			state, "repetitions", arg, 1, 1000);
		return 0;
	case KEY_WINDOW:
		a->options.window_ms =
			option_number(state, "window-ms", arg, 1, 600000);
		return 0;
	case KEY_PATIENCE:
		window_patience_ns =
			option_number(state, "patience-s", arg, 1, 3600) *
			NS_PER_S;
		return 0;
	case 'o':
		a->out = arg;
		return 0;
	case 's':
		a->seed = option_number(state, "seed", arg, 0, INT64_MAX);
		a->seeded = true;
		return 0;
	case KEY_BUDGET:
		a->budget_ns = option_number(state, "budget", arg, 1, 10000) *
			       60 * NS_PER_S;
		return 0;
	case KEY_RESUME:
		a->resume = arg ? arg : "";
		return 0;
	case KEY_BASE:
		a->options.base = program(state, arg);
		return 0;
	case KEY_LENIENT:
		row_lenient = true;
		return 0;
	case KEY_LIST:
		a->list = true;
		return 0;
	case KEY_CONSOLE:
		a->console = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->campaign)
			argp_failure(state, EXIT_USAGE, 0,
				     "one campaign at a time: '%s' is too "
				     "many",
				     arg);
		a->campaign = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"[CAMPAIGN.ini]",
	"Runs a campaign of measurements: each cell in a process of its own, "
	"in blocks of random order. Flags of Google Benchmark "
	"(--benchmark_out=FILE and so on) are handed on.\v"
	"Exit status: 0 all well, 1 a window was not verified, hung or "
	"crashed, or an expectation was contradicted, 2 usage or environment.",
	NULL,
	NULL,
	NULL,
};

enum { FLAGS_MAX = 63 };

/* Take the flags that are Google Benchmark's out of argv. */
static int split_flags(int *argc, char **argv, char **theirs)
{
	int kept = 0, n = 0;

	theirs[n++] = argv[0];
	for (int i = 0; i < *argc; i++) {
		if (strncmp(argv[i], "--benchmark_", 12) == 0 && n < FLAGS_MAX)
			theirs[n++] = argv[i];
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	*argc = kept;
	return n;
}

static void interrupt(int signal)
{
	(void)signal;
	window_interrupted = 1;
}

/* Google Benchmark reports the windows that we have run. */
static void export(const struct summary *s, bool console)
{
	for (size_t i = 0; i < s->campaign->n; i++)
		for (size_t j = 0; j < s->cells[i].n; j++) {
			const struct row *row = &s->cells[i].rows[j];
			const double *f = row->figures;

			if (row->state == ROW_VALID)
				gbench_add(s->cells[i].cell->path,
					   &(struct gbench_figures){
						   .window_s = f[WINDOW_S],
						   .ops = f[OPS],
						   .ops_per_s = f[OPS_PER_S],
						   .cpu_ns_per_op =
							   f[CPU_PER_OP],
						   .jain = f[JAIN],
						   .min_share = f[MIN_SHARE],
						   .p99_ns = f[P99],
					   });
		}
	gbench_run(!console);
}

static bool write_tables(const struct run *r)
{
	char path[700];
	bool good;

	snprintf(path, sizeof(path), "%s/summary.csv", r->results.folder);
	good = summary_write(r->summary, path);
	snprintf(path, sizeof(path), "%s/comparisons.csv", r->results.folder);
	good = good && table_write(r->table, path);
	snprintf(path, sizeof(path), "%s/expectations.csv", r->results.folder);
	good = good && expect_write(r->summary, r->campaign, path);
	snprintf(path, sizeof(path), "%s/histograms", r->results.folder);
	return good && summary_write_histograms(r->summary, path);
}

/* Windows that failed although they were not expected to. */
static bool any_failure(const struct summary *s)
{
	for (size_t i = 0; i < s->campaign->n; i++)
		for (size_t j = 0; j < s->cells[i].n; j++)
			if (s->cells[i].rows[j].state == ROW_FAILED &&
			    !expect_state(s->campaign, i, ROW_FAILED))
				return true;
	return false;
}

static int finish(struct run *r, bool console)
{
	struct summary_counts n = summary_count(r->summary);
	enum outcome o;

	if (!write_tables(r))
		return lab_fail("cannot write the summary into %s: %s: free "
				"some space; raw.csv is whole",
				r->results.folder, strerror(errno));
	if (!console)
		table_print(r->table, stdout);
	if (row_lenient)
		puts("\n--lenient: windows that other programs disturbed were "
		     "counted; their figures are no measurements");
	o = expect_print(r->summary, r->campaign, stdout);
	printf("\n%u windows: %u valid, %u failed, %u skipped, %u invalid, %u "
	       "spoilt by the machine; %u gaps left by those; seed %llu\n"
	       "results in %s\n",
	       n.windows, n.valid, n.failed, n.skipped, n.invalid, n.spoilt,
	       n.gaps, (unsigned long long)r->seed, r->results.folder);
	return any_failure(r->summary) || o == CONTRADICTED ? EXIT_CHECK : 0;
}

/* theirs: are there flags for Google Benchmark? */
static int execute(struct run *r, const struct arguments *a, bool theirs)
{
	struct sigaction action = { .sa_handler = interrupt };
	const struct campaign *c = r->campaign;
	enum run_end end;
	int status;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	printf("%s: %zu cells, windows of %llu + %llu ms, ", c->file, c->n,
	       (unsigned long long)c->ramp_ms,
	       (unsigned long long)c->window_ms);
	if (r->budget_ns)
		printf("%llu minutes",
		       (unsigned long long)(r->budget_ns / (60 * NS_PER_S)));
	else
		printf("%u blocks", c->repetitions);
	printf(", seed %llu\n", (unsigned long long)r->seed);
	r->quiet = a->console;
	end = run_campaign(r);
	if (end == RUN_REFUSED || end == RUN_UNWRITABLE)
		return EXIT_USAGE;
	if (end == RUN_INTERRUPTED)
		puts("interrupted: the rows so far are whole; --resume goes "
		     "on");
	status = finish(r, a->console);
	if (end == RUN_INTERRUPTED)
		return 130;
	if (a->console || theirs)
		export(r->summary, a->console);
	return status;
}

/* A new campaign, or the one to be continued with its rows. */
static int open_results(struct run *r, const struct arguments *a, int argc,
			char **argv)
{
	struct request request = { .campaign = r->campaign,
				   .seed = a->seed,
				   .profile = a->profile,
				   .base = a->options.base,
				   .argc = argc,
				   .argv = argv };

	if (a->resume) {
		int error = results_resume(a->out, a->resume, &request,
					   &r->results, &r->seed);

		if (error)
			return error;
		if (r->results.folder[0]) {
			printf("going on with %s\n", r->results.folder);
			return results_read(&r->results, r->summary);
		}
		printf("no campaign below %s to go on with: a new one\n",
		       a->out);
	}
	r->seed = a->seed;
	return results_open(a->out, &request, &r->results);
}

int command_bench(int argc, char **argv)
{
	struct arguments a = { .profile = "quick", .out = "results" };
	char *flags[FLAGS_MAX + 1] = { NULL };
	char file[600];
	static struct campaign campaign;
	static struct run r = { .campaign = &campaign };
	int n_flags, error;
	bool theirs;

	n_flags = split_flags(&argc, argv, flags);
	theirs = n_flags > 1;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	snprintf(file, sizeof(file), "%s/scenarios/%s.ini", SYNCLAB_ROOT,
		 a.profile);
	error = campaign_read(a.campaign ? a.campaign : file, &a.options,
			      &campaign);
	if (error)
		return error;
	if (a.list) {
		for (size_t i = 0; i < campaign.n; i++)
			puts(campaign.cells[i].path);
		return 0;
	}
	if (theirs && !gbench_flags(n_flags, flags))
		return EXIT_USAGE;
	if (!a.seeded && getrandom(&a.seed, sizeof(a.seed), 0) > 0)
		a.seed >>= 16; /* short enough to be typed */
	window_calibrate();
	r.summary = summary_new(&campaign);
	r.table = table_new(r.summary);
	r.budget_ns = a.budget_ns;
	r.base = a.options.base;
	error = open_results(&r, &a, argc, argv);
	return error ? error : execute(&r, &a, theirs);
}
