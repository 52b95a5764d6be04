/* SPDX-License-Identifier: MIT */
/*
 * A GIL, as a mutex: who holds it. A yield that says it has switched lets go
 * and takes hold again, and somebody else has held it in between.
 */
#include <stdio.h>

#include "../../../primitives/gil.h"
#include "../law/law.h"
#include "model.h"

enum { ACQUIRE, YIELD, RELEASE };

/* Short, so that a thread that sleeps as it holds it is asked to drop it. */
#define INTERVAL_NS (20 * NS_PER_US)

#define HOOK(member) .hook = offsetof(struct gil_impl, member)

static const struct operation operations[] = {
	[ACQUIRE] = { "acquire", HOOK(acquire), .weight = 4,
		      .when = FREE_HANDED, .holds = 1 },
	[YIELD] = { "yield", HOOK(yield), .weight = 4, .answer = TRUTH,
		    .when = HOLDING },
	[RELEASE] = { "release", HOOK(release), .weight = 4, .when = HOLDING,
		      .holds = -1, .gives_up = true },
};

/* ---- the object ---- */

static void setup(struct scene *s)
{
	const struct gil_impl *impl = (const void *)s->subject->id;

	CHECK_EQ(impl->init(s->object, INTERVAL_NS), 0);
	law_age(&impl->id, s->object);
}

static void teardown(struct scene *s)
{
	const struct gil_impl *impl = (const void *)s->subject->id;

	if (impl->destroy)
		impl->destroy(s->object);
}

static void perform(struct actor *a, struct op *op)
{
	const struct gil_impl *impl = a->impl;

	switch (op->code) {
	case ACQUIRE:
		impl->acquire(a->object);
		a->held = 1;
		return;
	case YIELD:
		op->answer = impl->yield(a->object);
		return;
	default:
		a->held = 0;
		impl->release(a->object);
		return;
	}
}

/* ---- the machine ---- */

struct gil {
	uint8_t holder;		   /* thread + 1 */
	uint8_t yielded, switched; /* sets of threads */
} MODEL_STATE;

static enum step take(struct gil *m, const struct op *op)
{
	if (m->holder)
		return CANNOT;
	m->holder = op->thread + 1;
	m->switched |= m->yielded; /* those that wait have seen another one */
	return FINISHED;
}

static enum step step_yield(struct gil *m, const struct op *op)
{
	uint8_t me = (uint8_t)(1 << op->thread);

	if (!op->answer)
		return FINISHED;
	if (!(m->yielded & me)) {
		m->yielded |= me;
		m->holder = 0;
		return MORE;
	}
	if (op->answer == NO_ANSWER || !(m->switched & me) || m->holder)
		return CANNOT;
	m->yielded &= (uint8_t)~me;
	m->switched &= (uint8_t)~me;
	return take(m, op);
}

static enum step step(struct state *s, const struct op *op)
{
	struct gil *m = (struct gil *)s;

	switch (op->code) {
	case ACQUIRE:
		return take(m, op);
	case YIELD:
		return step_yield(m, op);
	default:
		m->holder = 0;
		return FINISHED;
	}
}

/* Who has yielded may wait for ever for another holder, or for its release:
 * but a holder is always there then. */
static bool stuck(const struct state *s, const struct op *op)
{
	const struct gil *m = (const struct gil *)s;

	return op->code != RELEASE && m->holder;
}

static void show(const struct state *s, char *text, size_t size)
{
	const struct gil *m = (const struct gil *)s;

	if (m->holder)
		snprintf(text, size, "thread %u holds the GIL", m->holder - 1U);
	else
		snprintf(text, size, "the GIL is free");
}

MODEL(.kind = "gil", OPERATIONS(operations), .setup = setup,
      .teardown = teardown, .perform = perform, .step = step, .stuck = stuck,
      .show = show);
