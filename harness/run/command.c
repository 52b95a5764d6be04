/* SPDX-License-Identifier: MIT */
/*
 * `synclab run [OPTION ...] PROGRAM [ARGUMENT ...]`
 *
 * Starts a program under the interposer (../preload/): what can be seen to be
 * wrong before is refused here, in words; then the command becomes the program.
 */
#include <argp.h>
#include <errno.h>
#include <string.h>

#include "../command.h"
#include "environment.h"
#include "outcome.h"
#include "parent.h"
#include "target.h"

enum {
	KEY_FAMILY = CHOICES + 1000,
	KEY_KIND,
	KEY_FALLBACK = KEY_KIND + CHOICES,
	KEY_FOLLOW,
	KEY_ALONE,
	KEY_COUNTS,
	KEY_PROFILE
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct request *q = state->input;

	if (key >= KEY_KIND && key < KEY_KIND + CHOICES) {
		q->choice.named[key - KEY_KIND] = arg;
		return 0;
	}
	switch (key) {
	case KEY_FAMILY:
		q->choice.family = arg;
		return 0;
	case KEY_FALLBACK:
		q->fallback = true;
		return 0;
	case KEY_FOLLOW:
	case KEY_ALONE:
		q->alone = key == KEY_ALONE;
		return 0;
	case KEY_COUNTS:
		q->count = true;
		q->counts = arg;
		return 0;
	case KEY_PROFILE:
		q->profile = true;
		q->folder = arg;
		return 0;
	case ARGP_KEY_ARG: /* the first; the others are the program's */
		q->program = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "family", KEY_FAMILY, "futex|spin|pthread", 0,
	  "every kind by that family", 1 },
	{ "mutex", KEY_KIND + CHOICE_MUTEX, "NAME", 0,
	  "mutexes (and conditions by futex)", 2 },
	{ "cond", KEY_KIND + CHOICE_COND, "NAME", 0, "conditions", 2 },
	{ "rwlock", KEY_KIND + CHOICE_RWLOCK, "NAME", 0, "rwlocks", 2 },
	{ "sem", KEY_KIND + CHOICE_SEMAPHORE, "NAME", 0, "semaphores", 2 },
	{ "barrier", KEY_KIND + CHOICE_BARRIER, "NAME", 0, "barriers", 2 },
	{ "spin", KEY_KIND + CHOICE_SPIN, "NAME", 0,
	  "spinlocks, by a mutex's implementation", 2 },
	{ "once", KEY_KIND + CHOICE_ONCE, "NAME", 0, "pthread_once", 2 },
	{ "fallback", KEY_FALLBACK, NULL, 0,
	  "do timed locks that an implementation lacks by trying again", 3 },
	{ "follow", KEY_FOLLOW, NULL, 0,
	  "also in programs that PROGRAM starts (default)", 3 },
	{ "no-follow", KEY_ALONE, NULL, 0, "in PROGRAM alone", 3 },
	{ "counts", KEY_COUNTS, "FILE", OPTION_ARG_OPTIONAL,
	  "say at the end what was answered, and what was left to libc", 4 },
	{ "profile", KEY_PROFILE, "FOLDER", OPTION_ARG_OPTIONAL,
	  "write a profile of the program's locks", 4 },
	{ 0 },
};

/* 0: go on; else the exit status, said why. */
static int check(struct request *q)
{
	const char *library;
	int error = choice_settle(&q->choice);

	if (error)
		return error;
	if (!q->program)
		return lab_fail("run: name a program: synclab run --mutex=mcs "
				"PROGRAM [ARGUMENT ...]");
	if (!choice_any(&q->choice) && !q->profile)
		return lab_fail("run: name what answers: --mutex=NAME, ..., "
				"or --family=futex for every kind");
	library = environment_library();
	return library ? target_check(q->program[0], library) : EXIT_USAGE;
}

/* Stay, for what there is to say when the program has ended. */
static int accompany(const struct request *q)
{
	struct outcome o;
	int status, error = outcome_prepare(&o, q);

	if (!error)
		error = environment_set(q, o.counts, o.raw);
	status = error ? 0 : parent_run(q->program);
	if (status < 0)
		error = lab_fail("fork: %s", strerror(errno));
	if (!error)
		outcome_tell(&o);
	outcome_clear(&o);
	return error ? error : parent_end(status);
}

int command_run(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"[--] PROGRAM [ARGUMENT ...]",
		"Runs a program with its locks answered by implementations. "
		"NAME is an implementation (`synclab list`), or pthread: the C "
		"library's own.",
		NULL,
		NULL,
		NULL,
	};
	struct request q = { 0 };
	int error;

	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &q);
	error = check(&q);
	if (error)
		return error;
	if (q.count || q.profile)
		return accompany(&q);
	error = environment_set(&q, NULL, NULL);
	return error ? error : target_become(q.program);
}
