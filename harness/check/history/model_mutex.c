/* SPDX-License-Identifier: MIT */
/*
 * A mutex: is it held, and who has come for it.
 *
 * A delegated section is three steps: its caller comes, the section runs, the
 * caller leaves. As long as callers are there one of them holds the mutex, for
 * it may still run the sections of others when theirs have returned.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../../primitives/mutex.h"
#include "../law/law.h"
#include "model.h"

enum { LOCK, TRYLOCK, TIMEDLOCK, UNLOCK, CALL };

#define HOOK(member) .hook = offsetof(struct mutex_impl, member)

static const struct operation operations[] = {
	[LOCK] = { "lock", HOOK(lock), .weight = 4, .when = FREE_HANDED,
		   .holds = 1 },
	[TRYLOCK] = { "trylock", HOOK(trylock), .weight = 2, .answer = RESULT,
		      .when = FREE_HANDED, .holds = 1, .last = 1 },
	[TIMEDLOCK] = { "timedlock", HOOK(timedlock), .weight = 3,
			.argument = WITHIN, .answer = RESULT,
			.when = FREE_HANDED, .holds = 1 },
	[UNLOCK] = { "unlock", HOOK(unlock), .weight = 4, .when = HOLDING,
		     .holds = -1, .gives_up = true, .last = 1 },
	[CALL] = { "call", HOOK(call), .weight = 2, .answer = NUMBER,
		   .when = FREE_HANDED, .optional = true },
};

/* ---- the object ---- */

/* How many sections were called before this one. */
struct section_call {
	uint64_t *count;
	uint64_t before;
};

static void count_section(void *argument)
{
	struct section_call *s = argument;

	s->before = (*s->count)++;
}

static void setup(struct scene *s)
{
	const struct mutex_impl *impl = (const void *)s->subject->id;

	if (impl->init)
		CHECK_EQ(impl->init(s->object), 0);
	law_age(&impl->id, s->object);
	s->more = calloc(1, sizeof(uint64_t));
	CHECK(s->more != NULL);
}

static void teardown(struct scene *s)
{
	const struct mutex_impl *impl = (const void *)s->subject->id;

	if (impl->destroy)
		impl->destroy(s->object);
	free(s->more);
}

static void perform(struct actor *a, struct op *op)
{
	const struct mutex_impl *impl = a->impl;
	struct section_call call = { .count = a->scene->more };

	switch (op->code) {
	case LOCK:
		impl->lock(a->object, a->node);
		break;
	case TRYLOCK:
		op->answer = impl->trylock(a->object, a->node);
		break;
	case TIMEDLOCK:
		op->answer =
			impl->timedlock(a->object, a->node, op_deadline(op));
		break;
	case UNLOCK:
		a->held = 0;
		impl->unlock(a->object, a->node);
		return;
	default:
		impl->call(a->object, a->node, count_section, &call);
		op->value = call.before;
		return;
	}
	a->held = op->answer == SYNC_OK;
}

/* ---- the machine ---- */

struct mutex {
	uint8_t held, calls; /* calls: a bit for each thread that has come */
	uint8_t run;	     /* those whose section has run */
	uint8_t count;	     /* of sections */
	struct crowd crowd;
} MODEL_STATE;

/* Come, run the section (once nobody is inside), leave. */
static enum step step_call(struct mutex *m, const struct op *op)
{
	uint8_t me = (uint8_t)(1 << op->thread);

	if (m->run & me) {
		m->run &= (uint8_t)~me;
		m->calls &= (uint8_t)~me;
		return FINISHED;
	}
	if (m->held)
		return CANNOT;
	if (!(m->calls & me)) {
		m->calls |= me;
		return MORE;
	}
	if (op->answer != NO_ANSWER && op->value != m->count)
		return CANNOT;
	m->count++;
	m->run |= me;
	return MORE;
}

static enum step step(struct state *s, const struct op *op)
{
	struct mutex *m = (struct mutex *)s;
	bool taken = m->held || m->calls;
	enum step step;

	if (op->code == CALL)
		return step_call(m, op);
	if (op->code == UNLOCK) {
		m->held = 0;
		return FINISHED;
	}
	if (op->answer == SYNC_BUSY || op->answer == SYNC_TIMEOUT)
		return crowd_refuse(&m->crowd, op,
				    taken || crowd_others(&m->crowd, op));
	step = crowd_take(&m->crowd, op, !taken);
	m->held |= step == FINISHED;
	return step;
}

static bool stuck(const struct state *s, const struct op *op)
{
	const struct mutex *m = (const struct mutex *)s;

	return (op->code == LOCK || op->code == CALL) && m->held;
}

static void show(const struct state *s, char *text, size_t size)
{
	const struct mutex *m = (const struct mutex *)s;

	snprintf(text, size, "the mutex is %s",
		 m->held || m->calls ? "held" : "free");
}

MODEL(.kind = "mutex", OPERATIONS(operations), .setup = setup,
      .teardown = teardown, .perform = perform, .step = step, .stuck = stuck,
      .show = show);
