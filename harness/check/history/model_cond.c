/* SPDX-License-Identifier: MIT */
/*
 * A condition and the mutex beside it: who holds the mutex, who waits, and how
 * many of those have to be woken.
 *
 * A wait lets go of the mutex and waits, in one step; it takes the mutex again
 * in another. Returns without a signal are allowed, so any waiter may come back
 * at any time; but n signals oblige: of the waiters of that moment at least
 * min(n, waiters) do not wait for ever. A waiter that times out leaves in a
 * step of its own, and takes no obligation along. The mutex is an
 * implementation that the laws have found good.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../../primitives/cond.h"
#include "../../registry.h"
#include "../law/law.h"
#include "model.h"

enum { LOCK, WAIT, TIMEDWAIT, SIGNAL, BROADCAST, UNLOCK };

#define HOOK(member) .hook = offsetof(struct cond_impl, member)

static const struct operation operations[] = {
	[LOCK] = { "lock", HOOK(wait), .weight = 4, .when = FREE_HANDED,
		   .holds = 1 },
	[WAIT] = { "wait", HOOK(wait), .weight = 4, .when = HOLDING },
	[TIMEDWAIT] = { "timedwait", HOOK(timedwait), .weight = 3,
			.argument = WITHIN, .answer = RESULT, .when = HOLDING },
	[SIGNAL] = { "signal", HOOK(signal), .weight = 4, .argument = UP_TO,
		     .range = 2 },
	[BROADCAST] = { "broadcast", HOOK(broadcast), .weight = 2 },
	[UNLOCK] = { "unlock", HOOK(wait), .weight = 4, .when = HOLDING,
		     .holds = -1, .gives_up = true },
};

/* ---- the object ---- */

/* A mutex of the same family. */
static const struct registration *guard_of(const struct cond_impl *impl)
{
	enum family f = impl->id.family;

	return lab_find("mutex", lab_family_name(f == OTHER ? FUTEX : f));
}

static void setup(struct scene *s)
{
	const struct cond_impl *impl = (const void *)s->subject->id;
	const struct registration *guard = guard_of(impl);
	const struct mutex_impl *mutex = (const void *)guard->id;
	struct guard *g = calloc(1, sizeof(*g));

	CHECK(g != NULL && guard->id->node_size == 0);
	*g = (struct guard){ .mutex = mutex, .object = law_object(guard->id) };
	if (mutex->init)
		CHECK_EQ(mutex->init(g->object), 0);
	if (impl->init)
		CHECK_EQ(impl->init(s->object), 0);
	law_age(&impl->id, s->object);
	s->more = g;
}

static void teardown(struct scene *s)
{
	const struct cond_impl *impl = (const void *)s->subject->id;
	struct guard *g = s->more;

	if (impl->destroy)
		impl->destroy(s->object);
	if (g->mutex->destroy)
		g->mutex->destroy(g->object);
	watchdog_forget(g->object);
	free(g->object);
	free(g);
}

static void perform(struct actor *a, struct op *op)
{
	const struct cond_impl *impl = a->impl;
	const struct guard *g = a->scene->more;

	switch (op->code) {
	case LOCK:
		g->mutex->lock(g->object, NULL);
		a->held = 1;
		return;
	case WAIT:
		impl->wait(a->object, g);
		return;
	case TIMEDWAIT:
		op->answer = impl->timedwait(a->object, g, op_deadline(op));
		return;
	case SIGNAL:
		impl->signal(a->object, (unsigned)op->argument);
		return;
	case BROADCAST:
		impl->broadcast(a->object);
		return;
	default:
		a->held = 0;
		g->mutex->unlock(g->object, NULL);
		return;
	}
}

/* ---- the machine ---- */

struct cond {
	uint8_t held;
	uint8_t waiting, back; /* sets: wait; have timed out, want the mutex */
	uint8_t owed;	       /* how many of waiting do not wait for ever */
} MODEL_STATE;

static unsigned waiters(const struct cond *m)
{
	return (unsigned)__builtin_popcount(m->waiting);
}

static enum step oblige(struct cond *m, unsigned n)
{
	unsigned owed = m->owed + n;

	m->owed = (uint8_t)(owed < waiters(m) ? owed : waiters(m));
	return FINISHED;
}

static enum step take_mutex(struct cond *m)
{
	if (m->held)
		return CANNOT;
	m->held = 1;
	return FINISHED;
}

static enum step step_wait(struct cond *m, const struct op *op, uint8_t me)
{
	if (m->back & me) {
		if (m->held)
			return CANNOT;
		m->back &= (uint8_t)~me;
		return take_mutex(m);
	}
	if (!(m->waiting & me)) {
		m->waiting |= me;
		m->held = 0;
		return MORE;
	}
	if (op->answer == SYNC_TIMEOUT) {
		m->waiting &= (uint8_t)~me;
		m->back |= me;
		oblige(m, 0);
		return MORE;
	}
	if (op->answer == NO_ANSWER || m->held)
		return CANNOT;
	m->waiting &= (uint8_t)~me;
	m->owed -= m->owed > 0;
	return take_mutex(m);
}

static enum step step(struct state *s, const struct op *op)
{
	struct cond *m = (struct cond *)s;

	switch (op->code) {
	case LOCK:
		return take_mutex(m);
	case UNLOCK:
		m->held = 0;
		return FINISHED;
	case SIGNAL:
		return oblige(m, (unsigned)op->argument);
	case BROADCAST:
		return oblige(m, waiters(m));
	default:
		return step_wait(m, op, (uint8_t)(1 << op->thread));
	}
}

static bool stuck(const struct state *s, const struct op *op)
{
	const struct cond *m = (const struct cond *)s;

	if (m->held)
		return op->code == LOCK || op->code == WAIT ||
		       op->code == TIMEDWAIT;
	return op->code == WAIT && m->waiting >> op->thread & 1 && m->owed == 0;
}

static void show(const struct state *s, char *text, size_t size)
{
	const struct cond *m = (const struct cond *)s;

	snprintf(text, size,
		 "the mutex is %s, %u wait, and %u of them are owed a wake-up",
		 m->held ? "held" : "free", waiters(m), m->owed);
}

MODEL(.kind = "cond", OPERATIONS(operations), .setup = setup,
      .teardown = teardown, .perform = perform, .step = step, .stuck = stuck,
      .show = show);
