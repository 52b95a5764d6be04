/* SPDX-License-Identifier: MIT */
/*
 * The explorer's stock clients: small programs, each in every execution that
 * the memory model allows, as far as that ends soon; then random walks among
 * those of a kernel that uses all that it may. It is another command's work
 * (`synclab explore`): here it is asked, and its rows are read.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "../../explore/tool.h"
#include "../reasons.h"
#include "detector.h"

enum {
	/* of the budget goes to each client's search of all executions */
	ONE_IN = 40,
};

/* Less is no search at all. */
static const double least_s = 0.05;

/* What the kernel and the processor may do, and seldom do. */
static const char *const plain[] = { NULL };
static const char *const faults[] = { "--spurious", "--weak-fails",
				      "--wake=any", NULL };

/* The clients that a round is for. */
struct clients {
	char names[64][FINDING_LAW];
	size_t n;
};

static void add_client(struct clients *c, const char *name)
{
	if (c->n < sizeof(c->names) / sizeof(c->names[0]))
		snprintf(c->names[c->n++], sizeof(c->names[0]), "%s", name);
}

static const char *text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text ? text : "";
}

static bool is(const json_t *row, const char *verdict)
{
	return strcmp(text_of(row, "verdict"), verdict) == 0;
}

static void read_report(const json_t *row, struct outcome *o)
{
	FILE *f = fopen(text_of(row, "report"), "r");
	size_t n = 0;

	if (f) {
		n = fread(o->report, 1, sizeof(o->report) - 1, f);
		fclose(f);
	}
	o->report[n] = '\0';
	snprintf(o->report + n, sizeof(o->report) - n,
		 "\nthis execution again: %s\n", text_of(row, "again"));
}

/* "data race: ...", unless the second half says so itself. */
static void read_message(const json_t *row, struct outcome *o)
{
	const char *sort = text_of(row, "violation");
	const char *what = text_of(row, "what");
	bool twice = strncmp(what, sort, strlen(sort)) == 0;

	snprintf(o->message, sizeof(o->message), "%s%s%s", twice ? "" : sort,
		 twice ? "" : ": ", what);
}

static void add_violation(const json_t *row, const struct budget *b,
			  const char *how, struct finding *f)
{
	const char *client = text_of(row, "client");

	f->failed++;
	f->verdict = FAILED;
	f->seed = b->seed;
	f->outcome.verdict = FAILED;
	read_message(row, &f->outcome);
	read_report(row, &f->outcome);
	reasons_add(f->failures, sizeof(f->failures), client,
		    f->outcome.message);
	snprintf(f->law, sizeof(f->law), "%s", client);
	snprintf(f->settings, sizeof(f->settings), "%s", how);
}

static void add_row(const json_t *row, const struct budget *b, const char *how,
		    struct finding *f)
{
	f->runs += (unsigned)json_integer_value(
		json_object_get(row, "executions"));
	if (is(row, "VIOLATION") && f->verdict == PASSED)
		add_violation(row, b, how, f);
}

/* What `synclab explore` says of one client, or of all if that is NULL: a row
 * a client, or nothing at all. */
static FILE *ask(const struct registration *r, const char *client,
		 double seconds, const char *const *options)
{
	struct words w = { NULL, 0 };
	FILE *rows;

	words_add(&w, "%s", program_invocation_name);
	words_add(&w, "explore");
	words_add(&w, "--format=json");
	words_add(&w, "--large");
	words_add(&w, "--jobs=1");
	words_add(&w, "--seconds=%.3f", seconds);
	if (client)
		words_add(&w, "--client=%s", client);
	while (*options)
		words_add(&w, "%s", *options++);
	words_add(&w, "%s/%s", r->kind, r->id->name);
	rows = tool_output(w.all);
	words_free(&w);
	return rows;
}

static json_t *next(FILE *rows)
{
	return json_loadf(rows, JSON_DISABLE_EOF_CHECK, NULL);
}

static void leave_open(struct clients *open, const char *client,
		       struct finding *f)
{
	add_client(open, client);
	reasons_add(f->gaps, sizeof(f->gaps), client,
		    "has more executions than its time allows");
}

/* Every client, each for a short while: *all that could be tried, and *open
 * those with executions left. */
static void search(const struct registration *r, const struct budget *b,
		   struct clients *all, struct clients *open, struct finding *f)
{
	FILE *rows = ask(r, NULL, fmax(b->seconds / ONE_IN, least_s), plain);
	json_t *row;

	while ((row = next(rows))) {
		const char *client = text_of(row, "client");

		f->laws++;
		add_row(row, b, "every execution", f);
		if (is(row, "SKIP") || is(row, "UNSUPPORTED")) {
			f->skipped++;
			reasons_add(f->gaps, sizeof(f->gaps), client,
				    text_of(row, "what"));
		} else {
			add_client(all, client);
			if (is(row, "BOUNDED"))
				leave_open(open, client, f);
		}
		json_decref(row);
	}
	fclose(rows);
}

/* Walks through one client's executions. Two modes, for each finds what the
 * other does not: few changes of who runs, or all choices alike. */
static void walk(const struct registration *r, const char *client,
		 const struct budget *b, double seconds, const char *mode,
		 const char *const *with, struct finding *f)
{
	char seed[40], how[100];
	const char *walking[8] = { mode, "--walks=1000000000", seed };
	FILE *rows;
	json_t *row;

	for (size_t i = 0; with[i]; i++)
		walking[3 + i] = with[i];
	snprintf(seed, sizeof(seed), "--seed=%llu",
		 (unsigned long long)b->seed);
	snprintf(how, sizeof(how), "seed %llu, walks (%s)%s",
		 (unsigned long long)b->seed, mode, *with ? ", faults" : "");
	rows = ask(r, client, seconds, walking);
	while ((row = next(rows))) {
		add_row(row, b, how, f);
		json_decref(row);
	}
	fclose(rows);
}

/* All of them in turn, another one first with another seed, as far as the time
 * goes. */
static void walk_all(const struct registration *r, const struct clients *c,
		     const struct budget *b, double seconds,
		     const char *const *with, struct finding *f)
{
	static const char *const modes[] = { "--mode=pct", "--mode=random" };
	double each = fmax(seconds / (2 * (double)c->n), least_s);
	uint64_t start = now_ns();

	for (size_t i = 0; i < 2 * c->n && f->verdict == PASSED; i++)
		if (elapsed_s(start) < seconds)
			walk(r, c->names[(b->seed + i / 2) % c->n], b, each,
			     modes[i % 2], with, f);
}

static void skip(struct finding *f, const char *why)
{
	f->verdict = SKIPPED;
	snprintf(f->outcome.message, sizeof(f->outcome.message), "%.*s",
		 OUTCOME_MESSAGE - 1, why);
}

static void run(const struct registration *r, const struct budget *b,
		struct finding *f)
{
	static struct clients all, open;
	uint64_t start = now_ns();

	if (b->law) {
		skip(f, "no such law here");
		return;
	}
	search(r, b, &all, &open, f);
	walk_all(r, &open, b, (b->seconds - elapsed_s(start)) / 2, plain, f);
	walk_all(r, &all, b, b->seconds - elapsed_s(start), faults, f);
	if (f->laws == 0)
		skip(f, "not run: the explorer is not there or of other "
			"sources: `make detectors` builds all");
	else if (f->laws == f->skipped)
		skip(f, f->gaps);
	f->elapsed_s = elapsed_s(start);
}

DETECTOR(explore, .name = "explore", .build = "native", .rank = 100,
	 .brief = "small clients in every execution of C11's memory model, "
		  "then walks",
	 .tries = "clients", .each = "executions", .weak_memory = true,
	 .run = run);
