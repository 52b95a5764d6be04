/* SPDX-License-Identifier: MIT */
/*
 * What the GIL scenarios share: who does the work, the interpreter that the
 * lock guards, and real CPython as a reference (scripts/gil_reference.py).
 */
#ifndef GIL_SCENARIOS_H
#define GIL_SCENARIOS_H

#include <stdio.h>
#include <stdlib.h>

#include "../harness/kit/crew.h"
#include "../primitives/gil.h"
#include "_kit.h"

/* ---- who does it ---- */

enum actor {
	UNDER_GIL, /* threads under an implementation of the kind */
	SERIAL,	   /* the calling thread alone */
	THREADS,   /* threads without a GIL */
	PROCESSES,
	CPYTHON_SERIAL,
	CPYTHON_THREADS,
	CPYTHON_PROCESSES,
	ACTORS,
};

static const char *const actor_names[ACTORS + 1] = {
	[UNDER_GIL] = "under a gil",
	[SERIAL] = "serial",
	[THREADS] = "threads",
	[PROCESSES] = "processes",
	[CPYTHON_SERIAL] = "cpython_serial",
	[CPYTHON_THREADS] = "cpython_threads",
	[CPYTHON_PROCESSES] = "cpython_processes",
};

/* All but the first are variants, NULL at the end. */
#define ACTOR_VARIANTS (actor_names + SERIAL)

static inline enum actor actor_of(const struct cell *c)
{
	for (int a = SERIAL; !c->implementation && a < ACTORS; a++)
		if (strcmp(actor_names[a], c->name) == 0)
			return (enum actor)a;
	return UNDER_GIL;
}

static inline const char *actor_skip(const struct cell *c)
{
	enum actor actor = actor_of(c);

	if ((actor == SERIAL || actor == CPYTHON_SERIAL) && c->threads != 1)
		return "serial work has one worker: --threads=1";
	if (actor >= CPYTHON_SERIAL && !crew_has_program("python3"))
		return "no python3 on PATH: apt-get install python3";
	return NULL;
}

/* ---- the interpreter ---- */

struct interpreter {
	const struct gil_impl *impl; /* NULL: there is no GIL */
	void *gil;
	/* Guarded by it: */
	__attribute__((aligned(2 * CACHE_LINE))) uint64_t units;
	unsigned owner; /* index of who is inside, + 1; 0: nobody */
};

static inline bool interpreter_open(struct interpreter *it, struct cell *c)
{
	uint64_t interval_ns = cell_param(c, "interval_us") * NS_PER_US;
	int error;

	if (!c->implementation)
		return true;
	it->impl = (const struct gil_impl *)c->implementation->id;
	it->gil = cell_object(c->implementation);
	error = it->impl->init(it->gil, interval_ns);
	if (error)
		return cell_fail(c, "init: %s", strerror(error));
	return true;
}

static inline void interpreter_close(struct interpreter *it)
{
	if (it->impl && it->impl->destroy)
		it->impl->destroy(it->gil);
}

/* Mark oneself as inside, and look who is there already. */
static ALWAYS_INLINE void interpreter_mark(struct interpreter *it,
					   struct worker *w)
{
	if (unlikely(it->owner))
		w->violations++;
	it->owner = w->index + 1;
}

static ALWAYS_INLINE void interpreter_unmark(struct interpreter *it,
					     struct worker *w)
{
	if (unlikely(it->owner != w->index + 1))
		w->violations++;
	it->owner = 0;
}

/* All of these do nothing where there is no GIL. */
static ALWAYS_INLINE void interpreter_enter(struct interpreter *it,
					    struct worker *w)
{
	if (!it->impl)
		return;
	it->impl->acquire(it->gil);
	interpreter_mark(it, w);
}

static ALWAYS_INLINE void interpreter_leave(struct interpreter *it,
					    struct worker *w)
{
	if (!it->impl)
		return;
	interpreter_unmark(it, w);
	it->impl->release(it->gil);
}

/* What the evaluation loop does between two bytecodes. */
static ALWAYS_INLINE void interpreter_yield(struct interpreter *it,
					    struct worker *w)
{
	if (!it->impl)
		return;
	interpreter_unmark(it, w);
	it->impl->yield(it->gil);
	interpreter_mark(it, w);
}

/* A unit is done: a plain increment, so that a lost one shows in the end. */
static ALWAYS_INLINE void interpreter_count(struct interpreter *it)
{
	if (it->impl)
		it->units++;
}

static inline bool interpreter_verify(const struct interpreter *it,
				      struct cell *c, uint64_t units)
{
	uint64_t violations = 0;

	for (unsigned i = 0; i < c->n_workers; i++)
		violations += c->workers[i].violations;
	if (violations)
		return cell_fail(c,
				 "%llu times a result was wrong or two threads "
				 "held the GIL",
				 (unsigned long long)violations);
	if (it->impl && it->units != units)
		return cell_fail(c,
				 "%llu of %llu increments under the GIL lost",
				 (unsigned long long)(units - it->units),
				 (unsigned long long)units);
	return true;
}

/* ---- CPython ---- */

/*
 * Starts the reference. options: what the work needs, NAME=VALUE with spaces
 * between. waiting: its threads or processes. keep: descriptors it needs, -1 at
 * the end.
 */
static inline bool cpython_open(struct crew *crew, const char *work,
				const char *how, char *options,
				unsigned waiting, const int *keep)
{
	struct cell *c = crew->cell;
	char common[120];
	/* -I -S: without the user's settings and packages. */
	char *argv[] = { (char *)"python3",
			 (char *)"-I",
			 (char *)"-S",
			 (char *)SYNCLAB_ROOT "/scripts/gil_reference.py",
			 (char *)work,
			 (char *)how,
			 common,
			 options,
			 NULL };

	snprintf(common, sizeof(common), "workers=%u board=%d interval_us=%llu",
		 c->threads, crew->board_fd,
		 (unsigned long long)cell_param(c, "interval_us"));
	return crew_exec(crew, argv, keep, waiting);
}

/* "threads" of "cpython_threads". */
static inline const char *cpython_how(enum actor actor)
{
	return actor_names[actor] + strlen("cpython_");
}

#endif
