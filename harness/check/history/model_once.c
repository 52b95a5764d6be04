/* SPDX-License-Identifier: MIT */
/*
 * Once: has the function not begun, or whose call runs it, or is it over?
 *
 * A call tells whether it has run the function itself (1) and whether the
 * function was over when it returned (2). An attempt with argument 1 fails if
 * it is the one that runs: then the function has not begun.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../../primitives/once.h"
#include "../law/law.h"
#include "model.h"

enum { CALL, ATTEMPT, IS_DONE };

/* what a call tells: a set */
enum { RAN = 1, OVER = 2 };

#define HOOK(member) .hook = offsetof(struct once_impl, member)

static const struct operation operations[] = {
	[CALL] = { "call", HOOK(call), .weight = 4, .answer = NUMBER },
	[ATTEMPT] = { "attempt", HOOK(attempt), .weight = 3, .argument = BELOW,
		      .range = 2, .answer = NUMBER },
	[IS_DONE] = { "done", HOOK(done), .weight = 1, .answer = TRUTH,
		      .last = 1 },
};

/* ---- the object ---- */

struct initialiser {
	_Atomic bool over;
};

/* One call's view of it. */
struct initialising {
	struct initialiser *shared;
	bool ran, fails;
};

static void initialise(void *argument)
{
	struct initialising *i = argument;

	sched_yield(); /* others come meanwhile */
	i->ran = true;
	/* relaxed: which edges it gives is not the question here */
	atomic_store_explicit(&i->shared->over, true, memory_order_relaxed);
}

static int try_to_initialise(void *argument)
{
	struct initialising *i = argument;

	if (!i->fails) {
		initialise(i);
		return 0;
	}
	sched_yield();
	i->ran = true;
	return EIO;
}

static void setup(struct scene *s)
{
	const struct once_impl *impl = (const void *)s->subject->id;

	if (impl->init)
		CHECK_EQ(impl->init(s->object), 0);
	law_age(&impl->id, s->object);
	s->more = calloc(1, sizeof(struct initialiser));
	CHECK(s->more != NULL);
}

static void teardown(struct scene *s)
{
	const struct once_impl *impl = (const void *)s->subject->id;

	if (impl->destroy)
		impl->destroy(s->object);
	free(s->more);
}

static void perform(struct actor *a, struct op *op)
{
	const struct once_impl *impl = a->impl;
	struct initialising i = { .shared = a->scene->more };
	bool over;

	if (op->code == IS_DONE) {
		op->answer = impl->done(a->object);
		return;
	}
	if (op->code == CALL) {
		impl->call(a->object, initialise, &i);
	} else {
		i.fails = op->argument == 1;
		op->answer = impl->attempt(a->object, try_to_initialise, &i);
	}
	over = atomic_load_explicit(&i.shared->over, memory_order_relaxed);
	op->value = (i.ran ? RAN : 0) | (over ? OVER : 0);
}

/* ---- the machine ---- */

enum { NEW, RUNS, IS_OVER };

struct once {
	uint8_t stage;
	uint8_t runner; /* thread + 1 */
} MODEL_STATE;

/* Whoever runs the function makes two steps: it begins, and it is over or, if
 * it has failed, has not begun. */
static enum step step_run(struct once *m, const struct op *op, bool fails)
{
	uint8_t me = op->thread + 1;

	if (m->stage == NEW) {
		m->stage = RUNS;
		m->runner = me;
		return MORE;
	}
	if (m->stage != RUNS || m->runner != me)
		return CANNOT;
	m->stage = fails ? NEW : IS_OVER;
	m->runner = 0;
	return op->answer == NO_ANSWER ? MORE : FINISHED;
}

static enum step step_call(struct once *m, const struct op *op)
{
	bool fails = op->code == ATTEMPT && op->argument == 1;

	if (op->answer == NO_ANSWER)
		return step_run(m, op, fails);
	if ((op->answer != 0) != (fails && op->value & RAN))
		return CANNOT;
	/* a later attempt may be over when one that has failed looks */
	if (op->value & RAN)
		return fails || op->value & OVER ? step_run(m, op, fails)
						 : CANNOT;
	return m->stage == IS_OVER && op->value & OVER ? FINISHED : CANNOT;
}

static enum step step(struct state *s, const struct op *op)
{
	struct once *m = (struct once *)s;

	if (op->code != IS_DONE)
		return step_call(m, op);
	return op->answer == (m->stage == IS_OVER) ? FINISHED : CANNOT;
}

static void show(const struct state *s, char *text, size_t size)
{
	static const char *const stages[] = { "has not begun", "runs",
					      "is over" };
	const struct once *m = (const struct once *)s;

	snprintf(text, size, "the function %s", stages[m->stage]);
}

MODEL(.kind = "once", OPERATIONS(operations), .setup = setup,
      .teardown = teardown, .perform = perform, .step = step, .show = show);
