/* SPDX-License-Identifier: MIT */
/*
 * Once: has the function not begun, or whose call runs it, or is it over?
 *
 * A call tells whether it has run the function itself (1) and whether the
 * function was over when it returned (2).
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../../primitives/once.h"
#include "../laws.h"
#include "model.h"

enum { CALL, IS_DONE };

/* what a call tells: a set */
enum { RAN = 1, OVER = 2 };

#define HOOK(member) .hook = offsetof(struct once_impl, member)

static const struct operation operations[] = {
	[CALL] = { "call", HOOK(call), .weight = 4, .answer = NUMBER },
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
	bool ran;
};

static void initialise(void *argument)
{
	struct initialising *i = argument;

	sched_yield(); /* others come meanwhile */
	i->ran = true;
	/* relaxed: which edges it gives is not the question here */
	atomic_store_explicit(&i->shared->over, true, memory_order_relaxed);
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
	impl->call(a->object, initialise, &i);
	over = atomic_load_explicit(&i.shared->over, memory_order_relaxed);
	op->value = (i.ran ? RAN : 0) | (over ? OVER : 0);
}

/* ---- the machine ---- */

enum { NEW, RUNS, IS_OVER };

struct once {
	uint8_t stage;
	uint8_t runner; /* thread + 1 */
} MODEL_STATE;

static enum step step_call(struct once *m, const struct op *op)
{
	uint8_t me = op->thread + 1;

	if (op->answer != NO_ANSWER && !(op->value & OVER))
		return CANNOT;
	if (op->answer == NO_ANSWER || op->value & RAN) {
		if (m->stage == NEW) {
			m->stage = RUNS;
			m->runner = me;
			return MORE;
		}
		if (m->stage == RUNS && m->runner == me) {
			m->stage = IS_OVER;
			m->runner = 0;
			return op->answer == NO_ANSWER ? MORE : FINISHED;
		}
		return CANNOT;
	}
	return m->stage == IS_OVER ? FINISHED : CANNOT;
}

static enum step step(struct state *s, const struct op *op)
{
	struct once *m = (struct once *)s;

	if (op->code == CALL)
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

/* The function always returns, so nobody waits for ever. */
MODEL(.kind = "once", OPERATIONS(operations), .setup = setup,
      .teardown = teardown, .perform = perform, .step = step, .show = show);
