/* SPDX-License-Identifier: MIT */
/*
 * `synclab bench`: reads a campaign, runs its windows in blocks of random
 * order, writes a row for each, and closes with a summary.
 */
#include "../command.h"

#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "gbench.h"
#include "results.h"
#include "summary.h"

struct arguments {
	struct campaign_options options;
	const char *campaign, *profile, *out;
	uint64_t seed;
	bool seeded, list, console;
};

/* A campaign that runs. */
struct run {
	struct campaign campaign;
	struct results results;
	struct summary *summary;
	struct window_result *result;
	char name[64]; /* of the campaign, for the rows */
	uint64_t seed, started_ns;
	size_t done, total;
	bool terminal, console;
	struct scheduled {
		struct run *run;
		size_t cell;
		struct row_context context;
	} * schedule;
};

static uint64_t number(struct argp_state *state, const char *name,
		       const char *text, uint64_t min, uint64_t max)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || end == text || text[0] == '-' || value < min ||
	    value > max)
		argp_failure(state, EXIT_USAGE, 0,
			     "--%s=%s: give a whole number from %llu to "
			     "%llu",
			     name, text, (unsigned long long)min,
			     (unsigned long long)max);
	return value;
}

enum { KEY_WINDOW = 256, KEY_LIST, KEY_CONSOLE, KEY_PATIENCE };

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
	{ "list", KEY_LIST, NULL, 0, "print the paths of the cells and stop",
	  0 },
	{ "console", KEY_CONSOLE, NULL, 0,
	  "print Google Benchmark's table instead of ours", 0 },
	{ 0 },
};

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
		a->options.repetitions =
			(unsigned)number(state, "repetitions", arg, 1, 1000);
		return 0;
	case KEY_WINDOW:
		a->options.window_ms =
			number(state, "window-ms", arg, 1, 600000);
		return 0;
	case KEY_PATIENCE:
		window_patience_ns =
			number(state, "patience-s", arg, 1, 3600) * NS_PER_S;
		return 0;
	case 'o':
		a->out = arg;
		return 0;
	case 's':
		a->seed = number(state, "seed", arg, 0, INT64_MAX);
		a->seeded = true;
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
	"crashed, 2 usage or environment.",
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

static void say_progress(const struct run *r, const struct row *row)
{
	double spent = (double)(now_ns() - r->started_ns) / (double)NS_PER_S;
	double left = spent / (double)r->done * (double)(r->total - r->done);

	if (r->terminal)
		printf("\r\033[K");
	printf("[%zu/%zu] %s  ", r->done, r->total, row->cell->path);
	if (row->state == ROW_VALID)
		printf("%.4g op/s", row->figures[OPS_PER_S]);
	else
		printf("%s%s",
		       row->state == ROW_SKIPPED ? "" : "INVALID: ", row->why);
	if (row->note[0])
		printf("  (%s)", row->note);
	if (r->terminal)
		printf("  (%.0f s left)", left);
	else
		putchar('\n');
	if (r->terminal && row->state != ROW_VALID && row->state != ROW_SKIPPED)
		putchar('\n');
	fflush(stdout);
}

static int finish(struct run *r);

/* No row without a place for it: the disk is full, or the file has gone. */
static _Noreturn void cannot_write(const struct run *r)
{
	lab_fail("cannot write %s/raw.csv: %s: free some space; what is there "
		 "is whole",
		 r->results.folder, strerror(errno));
	exit(EXIT_USAGE);
}

static const char *run_window(void *context, struct gbench_figures *out)
{
	struct scheduled *s = context;
	struct run *r = s->run;
	struct campaign_cell *cell = &r->campaign.cells[s->cell];
	struct window_plan plan = {
		.ramp_ns = r->campaign.ramp_ms * NS_PER_MS,
		.measure_ns = cell->window_ms * NS_PER_MS,
		.mode = cell->mode,
	};
	static struct row row;

	row = (struct row){ .cell = cell, .context = s->context };
	cell->cell.seed = s->context.seed + s->context.block;
	if (!window_run(&cell->cell, &plan, r->result)) {
		puts("\ninterrupted: the rows so far are whole");
		finish(r);
		exit(130);
	}
	if (r->result->environment) {
		puts("");
		lab_fail("%s: %s", cell->path, r->result->why);
		exit(EXIT_USAGE);
	}
	row_judge(&row, r->result);
	if (!row_write(r->results.raw, &row))
		cannot_write(r);
	summary_add(r->summary, s->cell, &row, r->result);
	r->done++;
	if (!r->console)
		say_progress(r, &row);
	if (row.state != ROW_VALID)
		return row.why;
	*out = (struct gbench_figures){
		.ns_per_op =
			(double)r->result->window_ns / (double)r->result->ops,
		.ops_per_s = row.figures[OPS_PER_S],
		.cpu_ns_per_op = row.figures[CPU_PER_OP],
		.jain = r->result->jain,
		.min_share = r->result->min_share,
	};
	return NULL;
}

/* Blocks: each cell once, in an order of its own (M13). */
static void schedule(struct run *r)
{
	size_t n = r->campaign.n;
	size_t *order = calloc(n, sizeof(*order));
	uint64_t state = r->seed;

	r->total = n * r->campaign.repetitions;
	r->schedule = calloc(r->total, sizeof(*r->schedule));
	if (!order || !r->schedule)
		abort();
	for (unsigned block = 0; block < r->campaign.repetitions; block++) {
		campaign_shuffle(order, n, &state);
		for (size_t i = 0; i < n; i++) {
			struct scheduled *s = &r->schedule[block * n + i];

			*s = (struct scheduled){
				.run = r,
				.cell = order[i],
				.context = { .campaign = r->name,
					     .block = block,
					     .order = i,
					     .seed = r->seed },
			};
			gbench_add(r->campaign.cells[order[i]].path, run_window,
				   s);
		}
	}
	free(order);
}

static int finish(struct run *r)
{
	unsigned invalid, failed, skipped;
	char path[700];
	bool good;

	if (r->terminal)
		printf("\r\033[K");
	snprintf(path, sizeof(path), "%s/summary.csv", r->results.folder);
	good = summary_write(r->summary, path);
	snprintf(path, sizeof(path), "%s/histograms", r->results.folder);
	good = good && summary_write_histograms(r->summary, path);
	if (!good)
		return lab_fail("cannot write the summary into %s: %s: free "
				"some space; raw.csv is whole",
				r->results.folder, strerror(errno));
	summary_print(r->summary, stdout);
	summary_count(r->summary, &invalid, &failed, &skipped);
	printf("\n%zu windows: %u invalid, %u of them failed, %u skipped; "
	       "seed %llu\nresults in %s\n",
	       r->done, invalid, failed, skipped, (unsigned long long)r->seed,
	       r->results.folder);
	return failed ? EXIT_CHECK : 0;
}

static void name_campaign(struct run *r, const char *file)
{
	const char *slash = strrchr(file, '/');

	snprintf(r->name, sizeof(r->name), "%s", slash ? slash + 1 : file);
	if (strrchr(r->name, '.'))
		*strrchr(r->name, '.') = '\0';
}

static int execute(struct run *r, const struct arguments *a, int n_flags,
		   char **flags)
{
	struct sigaction action = { .sa_handler = interrupt };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	r->console = a->console;
	r->terminal = isatty(STDOUT_FILENO) && !a->console;
	r->result = window_result_new();
	r->summary = summary_new(&r->campaign);
	if (!r->result)
		return lab_fail("no memory for a window's result: %s: free "
				"some",
				strerror(errno));
	schedule(r);
	printf("%s: %zu cells, %zu windows of %llu + %llu ms, seed %llu\n",
	       r->campaign.file, r->campaign.n, r->total,
	       (unsigned long long)r->campaign.ramp_ms,
	       (unsigned long long)r->campaign.window_ms,
	       (unsigned long long)r->seed);
	r->started_ns = now_ns();
	if (!gbench_run(n_flags, flags, !a->console))
		return EXIT_USAGE;
	return finish(r);
}

int command_bench(int argc, char **argv)
{
	struct arguments a = { .profile = "quick", .out = "results" };
	char *flags[FLAGS_MAX + 1] = { NULL };
	char file[600];
	static struct run r;
	int n_flags, error;

	n_flags = split_flags(&argc, argv, flags);
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	snprintf(file, sizeof(file), "%s/scenarios/%s.ini", SYNCLAB_ROOT,
		 a.profile);
	error = campaign_read(a.campaign ? a.campaign : file, &a.options,
			      &r.campaign);
	if (error)
		return error;
	if (a.list) {
		for (size_t i = 0; i < r.campaign.n; i++)
			puts(r.campaign.cells[i].path);
		return 0;
	}
	name_campaign(&r, r.campaign.file);
	if (!a.seeded && getrandom(&a.seed, sizeof(a.seed), 0) > 0)
		a.seed >>= 16; /* short enough to be typed */
	r.seed = a.seed;
	window_calibrate();
	error = results_open(a.out, &r.results);
	if (error)
		return error;
	if (!results_write_environment(&r.results, &r.campaign, r.seed,
				       a.profile, argc, argv))
		return lab_fail("cannot write %s/env.json: %s: free some space",
				r.results.folder, strerror(errno));
	return execute(&r, &a, n_flags, flags);
}
