/* SPDX-License-Identifier: MIT */
/*
 * Explorer against oracle, litmus program by litmus program: the same number of
 * executions for each outcome under each model, none twice, and what a file
 * claims about its program.
 *
 *	compare [--runner=FILE] [--models=rc11,sc,tso] [--quiet] FILE...
 *	compare ... --random=FIRST-LAST     programs of these seeds
 *	compare ... --text='x=0 { W.rlx x 1 } { r0 = R.rlx x }'
 *
 * Without --runner the oracle is asked alone, and its outcomes are printed.
 * Each disagreement in a random program is told with the smallest program of
 * which it is still true.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../harness/explore/runtime/options.h"
#include "runner.h"

enum { CANDIDATES = 60000 };

static const char *runner;
static unsigned models = (1 << MODELS) - 1;
static bool quiet;
static unsigned passed, failed, skipped;
static struct explore_page *shared;
static struct tally *seen;
static char *environment[64];

static void *map(int fd, const char *name, size_t bytes)
{
	int file = memfd_create(name, 0);
	void *p;

	if (file < 0 || ftruncate(file, (off_t)bytes) || dup2(file, fd) < 0 ||
	    (p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      0)) == MAP_FAILED) {
		perror(name);
		exit(2);
	}
	close(file);
	return p;
}

static void ask_for(enum model model)
{
	static const enum explore_model theirs[] = { EXPLORE_RC11, EXPLORE_SC,
						     EXPLORE_TSO };

	memset(shared, 0, sizeof *shared);
	shared->magic = EXPLORE_MAGIC;
	shared->bytes = sizeof *shared;
	shared->mode = EXPLORE_ALL;
	shared->model = theirs[model];
	shared->jobs = 1;
	shared->ms_max = 60000;
	shared->events_max = 1000;
	shared->check_duplicates = true;
	shared->keep_going = true;
	snprintf(shared->report, sizeof shared->report, "/dev/null");
}

/* Returns the exit status; -1: killed. */
static int explore(const struct litmus *l, enum model model)
{
	static char variable[2048] = "LITMUS=";
	int status;
	pid_t child;

	litmus_print(l, variable + 7, sizeof variable - 7);
	memset(seen, 0, sizeof *seen);
	ask_for(model);
	child = fork();
	if (!child) {
		environment[0] = variable;
		execle(runner, runner, (char *)NULL, environment);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static uint64_t count(const struct tally *t, struct outcome o)
{
	for (unsigned i = 0; i < OUTCOMES; i++)
		if (t->count[i].n && outcome_equal(t->count[i].outcome, o))
			return t->count[i].n;
	return 0;
}

static void outcome_print(const struct litmus *l, struct outcome o, char *to,
			  size_t n)
{
	size_t used = 0;

	*to = 0;
	for (int t = 0; t < l->threads; t++)
		for (int k = 0; k < l->code[t].length; k++) {
			int r = l->code[t].at[k].target;

			if (r >= 0 && used < n)
				used += (size_t)snprintf(
					to + used, n - used, "%d:r%d=%d ", t, r,
					(int)(o.registers >>
						      4 * (t * REGISTERS + r) &
					      15));
		}
	for (int i = 0; i < l->locations && used < n; i++)
		used += (size_t)snprintf(to + used, n - used, "%s=%d ",
					 l->name[i],
					 (int)(o.memory >> 4 * i & 15));
}

/* How they differ, in words; true: they do. */
static bool differ(const struct litmus *l, const struct tally *right,
		   int status, char *why, size_t n)
{
	char o[256];

	for (unsigned i = 0; i < OUTCOMES; i++) {
		const struct count *a = &right->count[i], *b = &seen->count[i];
		uint64_t there = a->n ? count(seen, a->outcome) : 0;

		if (a->n != there) {
			outcome_print(l, a->outcome, o, sizeof o);
			snprintf(why, n, "%s%lu executions, explored %lu", o,
				 (unsigned long)a->n, (unsigned long)there);
			return true;
		}
		if (b->n && !count(right, b->outcome)) {
			outcome_print(l, b->outcome, o, sizeof o);
			snprintf(why, n, "%sno execution, explored %lu", o,
				 (unsigned long)b->n);
			return true;
		}
	}
	if (shared->duplicates) {
		snprintf(why, n, "%lu duplicates",
			 (unsigned long)shared->duplicates);
		return true;
	}
	if (shared->complete != right->executions) {
		snprintf(why, n, "%lu executions, said to be %lu",
			 (unsigned long)right->executions,
			 (unsigned long)shared->complete);
		return true;
	}
	if (right->stuck ? status != EXPLORE_VIOLATION
			 : status != EXPLORE_VERIFIED) {
		snprintf(why, n, "%s, exit status %d: %.200s%.200s",
			 right->stuck ? "an await is stuck" : "verified",
			 status, shared->violation_text, shared->unsupported);
		return true;
	}
	return false;
}

/* 1: they differ, 0: they do not, -1: too many candidates for the oracle. */
static int disagree(const struct litmus *l, enum model model, char *why,
		    size_t n)
{
	static struct tally right;

	if (!oracle(l, model, CANDIDATES, &right) || right.lost)
		return -1;
	if (!runner)
		return 0;
	return differ(l, &right, explore(l, model), why, n);
}

/* Is the program still one, and about the same: registers are set before they
 * are used. */
static bool sound(const struct litmus *l)
{
	for (int t = 0; t < l->threads; t++) {
		unsigned set = 0;

		for (int k = 0; k < l->code[t].length; k++) {
			const struct instruction *i = &l->code[t].at[k];

			if (i->value.is_register &&
			    !(set >> i->value.value & 1))
				return false;
			if (i->target >= 0)
				set |= 1u << i->target;
		}
	}
	return true;
}

static bool without_instruction(struct litmus *l, int t, int k)
{
	struct code *c = &l->code[t];

	c->length--;
	memmove(&c->at[k], &c->at[k + 1],
		(size_t)(c->length - k) * sizeof *c->at);
	if (!c->length) {
		l->threads--;
		memmove(c, c + 1, (size_t)(l->threads - t) * sizeof *c);
	}
	return l->threads && sound(l);
}

static void smallest(struct litmus *l, enum model model, char *why, size_t n)
{
	bool again = true;

	while (again) {
		again = false;
		for (int t = 0; t < l->threads && !again; t++)
			for (int k = 0; k < l->code[t].length && !again; k++) {
				struct litmus less = *l;

				if (without_instruction(&less, t, k) &&
				    disagree(&less, model, why, n) == 1) {
					*l = less;
					again = true;
				}
			}
	}
	/* the other order of failure may matter: leave orders as they are */
	disagree(l, model, why, n);
}

static void report(const char *name, const struct litmus *l, enum model model,
		   const char *why)
{
	char text[1024];

	litmus_print(l, text, sizeof text);
	printf("FAIL  %s %s: %s\n      %s\n", name, model_names[model], why,
	       text);
	fflush(stdout);
	failed++;
}

static void check(const char *name, const struct litmus *l, enum model model,
		  bool shrink)
{
	static char why[1024];
	struct litmus small = *l;

	switch (disagree(l, model, why, sizeof why)) {
	case 0:
		passed++;
		return;
	case -1:
		skipped++;
		return;
	default:
		if (shrink)
			smallest(&small, model, why, sizeof why);
		report(name, &small, model, why);
	}
}

/* Claims are about the oracle: the explorer agrees with it or has failed. */

static bool allowed(const struct tally *t, const struct claim *c)
{
	for (unsigned i = 0; i < OUTCOMES; i++) {
		struct outcome o = t->count[i].outcome;

		if (t->count[i].n &&
		    (o.registers & c->mask.registers) == c->outcome.registers &&
		    (o.memory & c->mask.memory) == c->outcome.memory)
			return true;
	}
	return false;
}

static void check_claims(const char *name, const struct litmus *l,
			 enum model model)
{
	static struct tally right;

	if (!l->claims)
		return;
	oracle(l, model, UINT64_MAX, &right);
	for (int i = 0; i < l->claims; i++) {
		const struct claim *c = &l->claim[i];
		bool holds =
			c->what == EXECUTIONS
				? right.executions == c->executions
				: allowed(&right, c) == (c->what == ALLOWED);

		if (!(c->models >> model & 1))
			continue;
		if (holds) {
			passed++;
			continue;
		}
		failed++;
		printf("FAIL  %s %s: '%s' is wrong (%lu executions)\n", name,
		       model_names[model], c->text,
		       (unsigned long)right.executions);
	}
}

static void show(const struct litmus *l, enum model model)
{
	static struct tally right;
	char o[256];

	oracle(l, model, UINT64_MAX, &right);
	printf("%s: %lu executions, %lu stuck\n", model_names[model],
	       (unsigned long)right.executions, (unsigned long)right.stuck);
	for (unsigned i = 0; i < OUTCOMES; i++)
		if (right.count[i].n) {
			outcome_print(l, right.count[i].outcome, o, sizeof o);
			printf("  %s: %lu\n", o,
			       (unsigned long)right.count[i].n);
		}
}

static void each_model(const char *name, const struct litmus *l, bool shrink)
{
	for (enum model m = 0; m < MODELS; m++) {
		if (!(models >> m & 1))
			continue;
		check_claims(name, l, m);
		if (runner || quiet)
			check(name, l, m, shrink);
		else
			show(l, m);
	}
}

static void text(const char *name, const char *words)
{
	struct litmus l;
	const char *error = litmus_parse(words, &l);

	if (!error) {
		each_model(name, &l, false);
		return;
	}
	printf("FAIL  %s: expected %s\n", name, error);
	failed++;
}

static void file(const char *name)
{
	static char words[8192];
	FILE *f = fopen(name, "r");
	size_t n = f ? fread(words, 1, sizeof words - 1, f) : 0;

	words[n] = 0;
	if (f)
		fclose(f);
	text(name, words);
}

static void randomly(const char *range)
{
	char name[32], *end;
	unsigned long first = strtoul(range, &end, 10);
	unsigned long last = *end ? strtoul(end + 1, NULL, 10) : first;

	for (unsigned long seed = first; seed <= last; seed++) {
		struct litmus l = litmus_random(seed);

		snprintf(name, sizeof name, "seed %lu", seed);
		each_model(name, &l, true);
	}
}

static void only(char *names)
{
	char *name;

	models = 0;
	while ((name = strsep(&names, ",")))
		for (int m = 0; m < MODELS; m++)
			models |= (unsigned)!strcmp(name, model_names[m]) << m;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "runner", required_argument, NULL, 'r' },
		{ "models", required_argument, NULL, 'm' },
		{ "random", required_argument, NULL, 'n' },
		{ "text", required_argument, NULL, 't' },
		{ "quiet", no_argument, NULL, 'q' },
		{ 0 },
	};
	int option;

	shared = map(EXPLORE_FD, "page", sizeof *shared);
	seen = map(TALLY_FD, "tally", sizeof *seen);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'r':
			runner = optarg;
			break;
		case 'm':
			only(optarg);
			break;
		case 'n':
			randomly(optarg);
			break;
		case 't':
			text("text", optarg);
			break;
		case 'q':
			quiet = true;
			break;
		default:
			return 2;
		}
	for (int i = optind; i < argc; i++)
		file(argv[i]);
	printf("litmus: %u passed, %u failed, %u skipped\n", passed, failed,
	       skipped);
	return failed != 0;
}
