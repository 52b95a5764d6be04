/* SPDX-License-Identifier: MIT */
/*
 * A recursive mutex: who holds it and how deep, and who has come for it.
 */
#include <stdio.h>

#include "../../../primitives/recursive_mutex.h"
#include "../law/law.h"
#include "model.h"

enum { LOCK, TRYLOCK, TIMEDLOCK, UNLOCK, DEPTH, RELEASE_ALL, REACQUIRE };

#define HOOK(member) .hook = offsetof(struct recursive_mutex_impl, member)

static const struct operation operations[] = {
	[LOCK] = { "lock", HOOK(lock), .weight = 4, .answer = RESULT,
		   .holds = 1 },
	[TRYLOCK] = { "trylock", HOOK(trylock), .weight = 2, .answer = RESULT,
		      .holds = 1, .last = 1 },
	[TIMEDLOCK] = { "timedlock", HOOK(timedlock), .weight = 2,
			.argument = WITHIN, .answer = RESULT, .holds = 1 },
	[UNLOCK] = { "unlock", HOOK(unlock), .weight = 6, .answer = RESULT,
		     .holds = -1 },
	[DEPTH] = { "depth", HOOK(depth), .weight = 1, .answer = NUMBER,
		    .last = 1 },
	[RELEASE_ALL] = { "release_all", HOOK(release_all), .weight = 1,
			  .answer = NUMBER, .gives_up = true },
	/* to the depth of its argument */
	[REACQUIRE] = { "reacquire", HOOK(reacquire), .weight = 1,
			.argument = UP_TO, .range = 3, .when = FREE_HANDED,
			.holds = 1 },
};

/* ---- the object ---- */

static void setup(struct scene *s)
{
	const struct recursive_mutex_impl *impl = (const void *)s->subject->id;

	if (impl->init)
		CHECK_EQ(impl->init(s->object), 0);
	law_age(&impl->id, s->object);
}

static void teardown(struct scene *s)
{
	const struct recursive_mutex_impl *impl = (const void *)s->subject->id;

	if (impl->destroy)
		impl->destroy(s->object);
}

static void perform(struct actor *a, struct op *op)
{
	const struct recursive_mutex_impl *impl = a->impl;

	switch (op->code) {
	case LOCK:
		op->answer = impl->lock(a->object);
		a->held += op->answer == SYNC_OK;
		return;
	case TRYLOCK:
		op->answer = impl->trylock(a->object);
		a->held += op->answer == SYNC_OK;
		return;
	case TIMEDLOCK:
		op->answer = impl->timedlock(a->object, op_deadline(op));
		a->held += op->answer == SYNC_OK;
		return;
	case UNLOCK:
		op->answer = impl->unlock(a->object);
		a->held -= a->held > 0;
		return;
	case DEPTH:
		op->value = impl->depth(a->object);
		return;
	case RELEASE_ALL:
		op->value = impl->release_all(a->object);
		a->held = 0;
		return;
	default:
		impl->reacquire(a->object, (unsigned)op->argument);
		a->held = (unsigned)op->argument;
		return;
	}
}

/* ---- the machine ---- */

struct recursive_mutex {
	uint8_t owner; /* thread + 1 */
	uint8_t depth;
	struct crowd crowd;
} MODEL_STATE;

static enum step step_lock(struct recursive_mutex *m, const struct op *op)
{
	unsigned me = op->thread + 1U;
	bool mine = m->owner == me;
	enum step step;

	if (op->answer == SYNC_OVERFLOW)
		return CANNOT;
	if (op->answer == SYNC_BUSY || op->answer == SYNC_TIMEOUT)
		return mine ? CANNOT
			    : crowd_refuse(&m->crowd, op,
					   m->owner ||
						   crowd_others(&m->crowd, op));
	step = crowd_take(&m->crowd, op, !m->owner || mine);
	if (step != FINISHED)
		return step;
	m->owner = (uint8_t)me;
	m->depth += op->code == REACQUIRE ? (uint8_t)op->argument : 1;
	return FINISHED;
}

static enum step step_unlock(struct recursive_mutex *m, const struct op *op)
{
	bool mine = m->owner == op->thread + 1;

	if (mine != (op->answer == SYNC_OK))
		return CANNOT;
	if (mine && --m->depth == 0)
		m->owner = 0;
	return FINISHED;
}

static enum step step(struct state *s, const struct op *op)
{
	struct recursive_mutex *m = (struct recursive_mutex *)s;
	unsigned depth = m->owner == op->thread + 1 ? m->depth : 0;

	switch (op->code) {
	case UNLOCK:
		return step_unlock(m, op);
	case DEPTH:
		return op->value == depth ? FINISHED : CANNOT;
	case RELEASE_ALL:
		if (op->value != depth)
			return CANNOT;
		if (depth)
			m->owner = m->depth = 0;
		return FINISHED;
	default:
		return step_lock(m, op);
	}
}

static bool stuck(const struct state *s, const struct op *op)
{
	const struct recursive_mutex *m = (const struct recursive_mutex *)s;

	return (op->code == LOCK || op->code == REACQUIRE) && m->owner &&
	       m->owner != op->thread + 1;
}

static void show(const struct state *s, char *text, size_t size)
{
	const struct recursive_mutex *m = (const struct recursive_mutex *)s;

	if (m->owner)
		snprintf(text, size, "thread %u holds the mutex %u deep",
			 m->owner - 1U, m->depth);
	else
		snprintf(text, size, "the mutex is free");
}

MODEL(.kind = "recursive_mutex", OPERATIONS(operations), .setup = setup,
      .teardown = teardown, .perform = perform, .step = step, .stuck = stuck,
      .show = show);
