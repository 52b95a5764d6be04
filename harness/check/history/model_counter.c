/* SPDX-License-Identifier: MIT */
/*
 * A counter. A read sums the adds that happen before it and any of those that
 * run at the same time: it has no single moment, since two reads may see two
 * adds in different orders. So an add has a beginning and an end, and a read as
 * well; it must count what has ended before it began, and may count what has
 * begun before it ends. Each add adds a bit of its own, which tells a read's
 * sum apart.
 */
#include <stdio.h>

#include "../../../primitives/counter.h"
#include "../law/law.h"
#include "model.h"

enum { ADD, READ };

#define HOOK(member) .hook = offsetof(struct counter_impl, member)

static const struct operation operations[] = {
	[ADD] = { "add", HOOK(add), .weight = 3, .argument = OWN },
	[READ] = { "read", HOOK(read), .weight = 1, .answer = NUMBER,
		   .last = 1 },
};

/* ---- the object ---- */

static void setup(struct scene *s)
{
	const struct counter_impl *impl = (const void *)s->subject->id;

	if (impl->init)
		CHECK_EQ(impl->init(s->object), 0);
}

static void teardown(struct scene *s)
{
	const struct counter_impl *impl = (const void *)s->subject->id;

	if (impl->destroy)
		impl->destroy(s->object);
}

static uint64_t bit(const struct op *op)
{
	return UINT64_C(1) << op->argument;
}

static void perform(struct actor *a, struct op *op)
{
	const struct counter_impl *impl = a->impl;

	if (op->code == ADD)
		impl->add(a->object, bit(op));
	else
		op->value = impl->read(a->object);
}

/* ---- the machine: sets of adds ---- */

struct counter {
	uint32_t begun, ended;
	/* what had ended when the read of a thread began */
	uint32_t seen[CLIENT_THREADS + 1];
	uint8_t reading; /* set of threads */
} MODEL_STATE;

static enum step step_add(struct counter *m, const struct op *op)
{
	if (!(m->begun & bit(op))) {
		m->begun |= (uint32_t)bit(op);
		return MORE;
	}
	m->ended |= (uint32_t)bit(op);
	return FINISHED;
}

static enum step step(struct state *s, const struct op *op)
{
	struct counter *m = (struct counter *)s;
	uint32_t *seen = &m->seen[op->thread];

	if (op->code == ADD)
		return step_add(m, op);
	if (!(m->reading >> op->thread & 1)) {
		m->reading |= (uint8_t)(1 << op->thread);
		*seen = m->ended;
		return MORE;
	}
	if (op->value & ~(uint64_t)m->begun || *seen & ~op->value)
		return CANNOT;
	m->reading &= (uint8_t) ~(1 << op->thread);
	*seen = 0;
	return FINISHED;
}

static void show(const struct state *s, char *text, size_t size)
{
	const struct counter *m = (const struct counter *)s;

	snprintf(text, size, "the adds that have ended make %u", m->ended);
}

MODEL(.kind = "counter", OPERATIONS(operations), .setup = setup,
      .teardown = teardown, .perform = perform, .step = step, .show = show);
