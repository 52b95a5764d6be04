/* SPDX-License-Identifier: MIT */
/*
 * A semaphore: how many permits it has, and who has come for one. The permits
 * that are there may be set aside for those that wait, for all of them
 * together; so a refusal may be for them, and an overflow need not count what
 * they will take.
 */
#include <stdio.h>

#include "../../../primitives/semaphore.h"
#include "../law/law.h"
#include "client.h"
#include "model.h"

enum { ACQUIRE, TRYACQUIRE, TIMEDACQUIRE, RELEASE, VALUE };

/* of a client */
enum { INITIAL, BOUND };

#define HOOK(member) .hook = offsetof(struct semaphore_impl, member)

static const struct operation operations[] = {
	[ACQUIRE] = { "acquire", HOOK(acquire), .weight = 4 },
	[TRYACQUIRE] = { "tryacquire", HOOK(tryacquire), .weight = 2,
			 .answer = RESULT, .last = CLIENT_LAST / 2 },
	[TIMEDACQUIRE] = { "timedacquire", HOOK(timedacquire), .weight = 3,
			   .argument = WITHIN, .answer = RESULT },
	[RELEASE] = { "release", HOOK(release), .weight = 6, .argument = UP_TO,
		      .range = 2, .answer = RESULT },
	[VALUE] = { "value", HOOK(value), .weight = 1, .answer = NUMBER },
};

/* ---- the object ---- */

static void draw(struct client *c, struct dice *d)
{
	c->parameters[INITIAL] = (int)dice_below(d, 3);
	if (dice_below(d, 3) == 0)
		c->parameters[BOUND] =
			c->parameters[INITIAL] + 1 + (int)dice_below(d, 2);
}

static void setup(struct scene *s)
{
	const struct semaphore_impl *impl = (const void *)s->subject->id;

	CHECK_EQ(impl->init(s->object, (unsigned)s->client->parameters[INITIAL],
			    (unsigned)s->client->parameters[BOUND]),
		 0);
	law_age(&impl->id, s->object);
}

static void teardown(struct scene *s)
{
	const struct semaphore_impl *impl = (const void *)s->subject->id;

	if (impl->destroy)
		impl->destroy(s->object);
}

static void perform(struct actor *a, struct op *op)
{
	const struct semaphore_impl *impl = a->impl;

	switch (op->code) {
	case ACQUIRE:
		impl->acquire(a->object);
		return;
	case TRYACQUIRE:
		op->answer = impl->tryacquire(a->object);
		return;
	case TIMEDACQUIRE:
		op->answer = impl->timedacquire(a->object, op_deadline(op));
		return;
	case RELEASE:
		op->answer = impl->release(a->object, (unsigned)op->argument);
		return;
	default:
		op->value = impl->value(a->object);
		return;
	}
}

/* ---- the machine ---- */

struct semaphore {
	uint32_t permits, most;
	struct crowd crowd;
} MODEL_STATE;

static void initial(struct state *s, const struct client *c)
{
	struct semaphore *m = (struct semaphore *)s;

	m->permits = (uint32_t)c->parameters[INITIAL];
	m->most = c->parameters[BOUND] ? (uint32_t)c->parameters[BOUND]
				       : SEMAPHORE_MAX;
}

static enum step step_release(struct semaphore *m, const struct op *op)
{
	uint32_t n = (uint32_t)op->argument;
	uint32_t least = m->permits - (m->permits < crowd_others(&m->crowd, op)
					       ? m->permits
					       : crowd_others(&m->crowd, op));

	if (op->answer == SYNC_OVERFLOW)
		return n > m->most - m->permits ? FINISHED : CANNOT;
	if (n > m->most - least)
		return CANNOT;
	m->permits += n;
	return FINISHED;
}

static enum step step(struct state *s, const struct op *op)
{
	struct semaphore *m = (struct semaphore *)s;
	unsigned claims = crowd_others(&m->crowd, op);
	enum step step;

	if (op->code == RELEASE)
		return step_release(m, op);
	if (op->code == VALUE)
		return op->value <= m->permits &&
				       op->value + claims >= m->permits
			       ? FINISHED
			       : CANNOT;
	if (op->answer == SYNC_BUSY || op->answer == SYNC_TIMEOUT)
		return crowd_refuse(&m->crowd, op, m->permits <= claims);
	step = crowd_take(&m->crowd, op, m->permits > 0);
	m->permits -= step == FINISHED;
	return step;
}

static bool stuck(const struct state *s, const struct op *op)
{
	const struct semaphore *m = (const struct semaphore *)s;

	return op->code == ACQUIRE && m->permits == 0;
}

static void show(const struct state *s, char *text, size_t size)
{
	const struct semaphore *m = (const struct semaphore *)s;

	if (m->most == SEMAPHORE_MAX)
		snprintf(text, size, "the semaphore has %u permits",
			 m->permits);
	else
		snprintf(text, size,
			 "the semaphore has %u of at most %u permits",
			 m->permits, m->most);
}

MODEL(.kind = "semaphore", OPERATIONS(operations), .draw = draw, .setup = setup,
      .teardown = teardown, .perform = perform, .initial = initial,
      .step = step, .stuck = stuck, .show = show);
