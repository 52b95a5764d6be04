/* SPDX-License-Identifier: MIT */
/*
 * A readers-writer lock: who is inside, and which writers have come.
 *
 * Whether writers that wait hold back new readers is the implementation's
 * choice; so a reader may wait, or be refused, when a writer has come, and it
 * may also go in. And who is refused, busy or too late, was there until it
 * left: it had come, which may have made another one fail that runs beside it
 * (a reader that has announced itself, a writer that has taken a ticket).
 */
#include <stdio.h>

#include "../../../primitives/rwlock.h"
#include "../law/law.h"
#include "model.h"

enum { RDLOCK, TRYRDLOCK, TIMEDRDLOCK, WRLOCK, TRYWRLOCK, TIMEDWRLOCK, UNLOCK };

#define HOOK(member) .hook = offsetof(struct rwlock_impl, member)
#define TAKES	     .when = FREE_HANDED, .holds = 1

static const struct operation operations[] = {
	[RDLOCK] = { "rdlock", HOOK(rdlock), .weight = 4, TAKES },
	[TRYRDLOCK] = { "tryrdlock", HOOK(tryrdlock), .weight = 2,
			.answer = RESULT, TAKES },
	[TIMEDRDLOCK] = { "timedrdlock", HOOK(timedrdlock), .weight = 2,
			  .argument = WITHIN, .answer = RESULT, TAKES },
	[WRLOCK] = { "wrlock", HOOK(wrlock), .weight = 4, TAKES },
	[TRYWRLOCK] = { "trywrlock", HOOK(trywrlock), .weight = 2,
			.answer = RESULT, TAKES, .last = 1 },
	[TIMEDWRLOCK] = { "timedwrlock", HOOK(timedwrlock), .weight = 3,
			  .argument = WITHIN, .answer = RESULT, TAKES },
	[UNLOCK] = { "unlock", HOOK(unlock), .weight = 6, .when = HOLDING,
		     .holds = -1, .gives_up = true, .last = 1 },
};

/* ---- the object ---- */

static void setup(struct scene *s)
{
	const struct rwlock_impl *impl = (const void *)s->subject->id;

	if (impl->init)
		CHECK_EQ(impl->init(s->object), 0);
	law_age(&impl->id, s->object);
}

static void teardown(struct scene *s)
{
	const struct rwlock_impl *impl = (const void *)s->subject->id;

	if (impl->destroy)
		impl->destroy(s->object);
}

static void perform(struct actor *a, struct op *op)
{
	const struct rwlock_impl *impl = a->impl;

	switch (op->code) {
	case RDLOCK:
		impl->rdlock(a->object, a->node);
		break;
	case TRYRDLOCK:
		op->answer = impl->tryrdlock(a->object, a->node);
		break;
	case TIMEDRDLOCK:
		op->answer =
			impl->timedrdlock(a->object, a->node, op_deadline(op));
		break;
	case WRLOCK:
		impl->wrlock(a->object, a->node);
		break;
	case TRYWRLOCK:
		op->answer = impl->trywrlock(a->object, a->node);
		break;
	case TIMEDWRLOCK:
		op->answer =
			impl->timedwrlock(a->object, a->node, op_deadline(op));
		break;
	default:
		a->held = 0;
		impl->unlock(a->object, a->node);
		return;
	}
	a->held = op->answer == SYNC_OK;
}

/* ---- the machine: sets of threads ---- */

struct rwlock {
	uint8_t readers, writer;
	struct crowd writing, reading; /* who has come to */
} MODEL_STATE;

static bool refused(const struct op *op)
{
	return op->answer == SYNC_BUSY || op->answer == SYNC_TIMEOUT;
}

static enum step step_read(struct rwlock *m, const struct op *op, uint8_t me)
{
	if (refused(op))
		return crowd_refuse(&m->reading, op,
				    m->writer || m->writing.coming);
	if (m->writer)
		return CANNOT;
	m->readers |= me;
	return FINISHED;
}

static enum step step_write(struct rwlock *m, const struct op *op, uint8_t me)
{
	bool inside = m->writer || m->readers;
	enum step step;

	if (refused(op))
		return crowd_refuse(&m->writing, op,
				    inside || m->reading.coming ||
					    crowd_others(&m->writing, op));
	step = crowd_take(&m->writing, op, !inside);
	if (step == FINISHED)
		m->writer = me;
	return step;
}

static enum step step(struct state *s, const struct op *op)
{
	struct rwlock *m = (struct rwlock *)s;
	uint8_t me = (uint8_t)(1 << op->thread);

	switch (op->code) {
	case RDLOCK:
	case TRYRDLOCK:
	case TIMEDRDLOCK:
		return step_read(m, op, me);
	case UNLOCK:
		m->readers &= (uint8_t)~me;
		m->writer &= (uint8_t)~me;
		return FINISHED;
	default:
		return step_write(m, op, me);
	}
}

static bool stuck(const struct state *s, const struct op *op)
{
	const struct rwlock *m = (const struct rwlock *)s;

	if (op->code == RDLOCK)
		return m->writer || m->writing.coming;
	return op->code == WRLOCK && (m->writer || m->readers);
}

static void show(const struct state *s, char *text, size_t size)
{
	const struct rwlock *m = (const struct rwlock *)s;

	if (m->writer)
		snprintf(text, size, "a writer holds the lock");
	else if (m->readers)
		snprintf(text, size, "%d readers hold the lock",
			 __builtin_popcount(m->readers));
	else
		snprintf(text, size, "the lock is free");
}

MODEL(.kind = "rwlock", OPERATIONS(operations), .setup = setup,
      .teardown = teardown, .perform = perform, .step = step, .stuck = stuck,
      .show = show);
