/* SPDX-License-Identifier: MIT */
/*
 * An event: is it set, who waits, and who was waiting when it was set; the
 * latter return even if it is cleared at once.
 *
 * From outside nobody can tell when a thread has begun to wait; so one that is
 * stuck after set and clear may have come too late (the laws, which look at
 * whether it sleeps, know better).
 */
#include <stdio.h>

#include "../../../primitives/event.h"
#include "../law/law.h"
#include "model.h"

enum { SET, CLEAR, IS_SET, WAIT, TIMEDWAIT };

#define HOOK(member) .hook = offsetof(struct event_impl, member)

static const struct operation operations[] = {
	[SET] = { "set", HOOK(set), .weight = 4 },
	[CLEAR] = { "clear", HOOK(clear), .weight = 2 },
	[IS_SET] = { "is_set", HOOK(is_set), .weight = 1, .answer = TRUTH,
		     .last = 1 },
	[WAIT] = { "wait", HOOK(wait), .weight = 4 },
	[TIMEDWAIT] = { "timedwait", HOOK(timedwait), .weight = 3,
			.argument = WITHIN, .answer = RESULT },
};

/* ---- the object ---- */

static void setup(struct scene *s)
{
	const struct event_impl *impl = (const void *)s->subject->id;

	if (impl->init)
		CHECK_EQ(impl->init(s->object), 0);
	law_age(&impl->id, s->object);
}

static void teardown(struct scene *s)
{
	const struct event_impl *impl = (const void *)s->subject->id;

	if (impl->destroy)
		impl->destroy(s->object);
}

static void perform(struct actor *a, struct op *op)
{
	const struct event_impl *impl = a->impl;

	switch (op->code) {
	case SET:
		impl->set(a->object);
		return;
	case CLEAR:
		impl->clear(a->object);
		return;
	case IS_SET:
		op->answer = impl->is_set(a->object);
		return;
	case WAIT:
		impl->wait(a->object);
		return;
	default:
		op->answer = impl->timedwait(a->object, op_deadline(op));
		return;
	}
}

/* ---- the machine ---- */

struct event {
	uint8_t set;
	uint8_t waiting, released; /* sets of threads */
} MODEL_STATE;

static enum step step_wait(struct event *m, const struct op *op, uint8_t me)
{
	if (op->answer == SYNC_TIMEOUT)
		return m->set ? CANNOT : FINISHED;
	if (m->set || m->released & me) {
		m->waiting &= (uint8_t)~me;
		m->released &= (uint8_t)~me;
		return FINISHED;
	}
	if (m->waiting & me)
		return CANNOT;
	m->waiting |= me;
	return MORE;
}

static enum step step(struct state *s, const struct op *op)
{
	struct event *m = (struct event *)s;

	switch (op->code) {
	case SET:
		m->set = 1;
		m->released |= m->waiting;
		m->waiting = 0;
		return FINISHED;
	case CLEAR:
		m->set = 0;
		return FINISHED;
	case IS_SET:
		return op->answer == m->set ? FINISHED : CANNOT;
	default:
		return step_wait(m, op, (uint8_t)(1 << op->thread));
	}
}

static bool stuck(const struct state *s, const struct op *op)
{
	const struct event *m = (const struct event *)s;

	return op->code == WAIT && m->waiting >> op->thread & 1;
}

static void show(const struct state *s, char *text, size_t size)
{
	const struct event *m = (const struct event *)s;

	snprintf(text, size, "the event is %s", m->set ? "set" : "clear");
}

MODEL(.kind = "event", OPERATIONS(operations), .setup = setup,
      .teardown = teardown, .perform = perform, .step = step, .stuck = stuck,
      .show = show);
