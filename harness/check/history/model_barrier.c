/* SPDX-License-Identifier: MIT */
/*
 * A barrier: who waits, who may leave and how, is it broken.
 */
#include <stdio.h>

#include "../../../primitives/barrier.h"
#include "../law/law.h"
#include "client.h"
#include "model.h"

enum { WAIT, TIMEDWAIT, ABORT, RESET, WAITING, IS_BROKEN };

/* of a client */
enum { PARTIES };

#define HOOK(member) .hook = offsetof(struct barrier_impl, member)

static const struct operation operations[] = {
	[WAIT] = { "wait", HOOK(wait), .weight = 12, .answer = RESULT_NUMBER },
	/* a timeout breaks it, and without abort it never breaks */
	[TIMEDWAIT] = { "timedwait", HOOK(abort), .weight = 3,
			.argument = WITHIN, .answer = RESULT_NUMBER },
	[ABORT] = { "abort", HOOK(abort), .weight = 1 },
	[RESET] = { "reset", HOOK(reset), .weight = 2 },
	[WAITING] = { "waiting", HOOK(waiting), .weight = 1, .answer = NUMBER,
		      .last = 1 },
	[IS_BROKEN] = { "broken", HOOK(broken), .weight = 1, .answer = TRUTH,
			.last = 1 },
};

/* ---- the object ---- */

static void draw(struct client *c, struct dice *d)
{
	/* of one party it makes nobody wait */
	c->parameters[PARTIES] = 2 + (int)dice_below(d, c->threads - 1);
}

static void setup(struct scene *s)
{
	const struct barrier_impl *impl = (const void *)s->subject->id;

	CHECK_EQ(impl->init(s->object,
			    (unsigned)s->client->parameters[PARTIES]),
		 0);
	law_age(&impl->id, s->object);
}

static void teardown(struct scene *s)
{
	const struct barrier_impl *impl = (const void *)s->subject->id;

	if (impl->destroy)
		impl->destroy(s->object);
}

static void perform(struct actor *a, struct op *op)
{
	const struct barrier_impl *impl = a->impl;
	unsigned index = 0;

	switch (op->code) {
	case WAIT:
	case TIMEDWAIT:
		op->answer = impl->wait(a->object,
					op->code == WAIT ? DEADLINE_NEVER
							 : op_deadline(op),
					&index);
		op->value = index;
		return;
	case ABORT:
		impl->abort(a->object);
		return;
	case RESET:
		impl->reset(a->object);
		return;
	case WAITING:
		op->value = impl->waiting(a->object);
		return;
	default:
		op->answer = impl->broken(a->object);
		return;
	}
}

/* ---- the machine ---- */

struct barrier {
	uint8_t parties, broken;
	/* sets of threads: in the round, let through, sent away */
	uint8_t waiting, through, away;
	uint8_t indices; /* that were given out in this round */
} MODEL_STATE;

static void initial(struct state *s, const struct client *c)
{
	((struct barrier *)s)->parties = (uint8_t)c->parameters[PARTIES];
}

static void end_round(struct barrier *m, uint8_t *to)
{
	*to |= m->waiting;
	m->waiting = 0;
	m->indices = 0;
}

/* Who will pass takes its index as it comes: all of a round pass, or none. */
static enum step arrive(struct barrier *m, const struct op *op, uint8_t me)
{
	if (op->answer == SYNC_OK) {
		if (op->value >= m->parties || m->indices >> op->value & 1)
			return CANNOT;
		m->indices |= (uint8_t)(1 << op->value);
	}
	m->waiting |= me;
	if (__builtin_popcount(m->waiting) == m->parties)
		end_round(m, &m->through);
	return MORE;
}

static enum step leave(uint8_t *set, uint8_t me, bool answered)
{
	if (!answered)
		return CANNOT;
	*set &= (uint8_t)~me;
	return FINISHED;
}

static enum step step_wait(struct barrier *m, const struct op *op, uint8_t me)
{
	if (m->through & me)
		return leave(&m->through, me, op->answer == SYNC_OK);
	if (m->away & me)
		return leave(&m->away, me, op->answer == SYNC_BROKEN);
	if (m->waiting & me) {
		if (op->answer != SYNC_TIMEOUT)
			return CANNOT;
		m->waiting &= (uint8_t)~me;
		m->broken = 1;
		end_round(m, &m->away);
		return FINISHED;
	}
	if (m->broken)
		return op->answer == SYNC_BROKEN ? FINISHED : CANNOT;
	return arrive(m, op, me);
}

static enum step step(struct state *s, const struct op *op)
{
	struct barrier *m = (struct barrier *)s;

	switch (op->code) {
	case ABORT:
		m->broken = 1;
		end_round(m, &m->away);
		return FINISHED;
	case RESET:
		m->broken = 0;
		end_round(m, &m->away);
		return FINISHED;
	case WAITING:
		return op->value == (unsigned)__builtin_popcount(m->waiting)
			       ? FINISHED
			       : CANNOT;
	case IS_BROKEN:
		return op->answer == m->broken ? FINISHED : CANNOT;
	default:
		return step_wait(m, op, (uint8_t)(1 << op->thread));
	}
}

static bool stuck(const struct state *s, const struct op *op)
{
	const struct barrier *m = (const struct barrier *)s;

	return op->code == WAIT && m->waiting >> op->thread & 1;
}

static void show(const struct state *s, char *text, size_t size)
{
	const struct barrier *m = (const struct barrier *)s;

	snprintf(text, size, "%d of %u wait at the%s barrier",
		 __builtin_popcount(m->waiting), m->parties,
		 m->broken ? " broken" : "");
}

MODEL(.kind = "barrier", OPERATIONS(operations), .draw = draw, .setup = setup,
      .teardown = teardown, .perform = perform, .initial = initial,
      .step = step, .stuck = stuck, .show = show);
