/* SPDX-License-Identifier: MIT */
/*
 * A barrier with an action: a monitor.
 *
 * Source: the states are those of CPython's threading.Barrier (Lib/threading.py
 * 3.2), and one for the action, which CPython runs with the lock held; here
 * waiters can time out and anybody can abort meanwhile.
 *
 * State  FILLING   parties come
 *        ACTING    all have come; the last one runs the action
 *        DRAINING  the round is complete and its parties leave
 *        LEAVING   reset has broken the round; its parties leave
 *        BROKEN    until reset
 * count  parties inside, from their coming until they leave. Newcomers wait
 *        until the state is FILLING, or BROKEN.
 * round  counts complete ones: a party whose round has a lower number has
 *        passed, whatever has become of the state.
 */
#include "rounds.h"

#include "monitor.h"

enum state { FILLING, ACTING, DRAINING, LEAVING, BROKEN };

struct rounds {
	struct monitor monitor;
	sl_action *action;
	void *argument;
	unsigned parties, count;
	enum state state;
	uint64_t round;
	uint64_t actor; /* the sl_self of who runs the action, else 0 */
};

enum { CHANGED }; /* the one condition */

int rounds_make(enum family family, unsigned parties, sl_action *action,
		void *argument, struct rounds **out)
{
	struct rounds *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return SL_NO_MEMORY;
	b->parties = parties;
	b->action = action;
	b->argument = argument;
	r = monitor_init(&b->monitor, family);
	if (r)
		free(b);
	else
		*out = b;
	return r;
}

void rounds_free(struct rounds *b)
{
	if (b)
		monitor_free(&b->monitor);
	free(b);
}

static void become(struct rounds *b, enum state state)
{
	b->state = state;
	monitor_signal(&b->monitor, CHANGED, SL_ALL);
}

/* Come in; SL_TIMEOUT leaves the round of the others alone. */
static int come(struct rounds *b, uint64_t deadline)
{
	if (b->actor && b->actor == sl_self())
		return SL_DEADLOCK;
	while (b->state != FILLING && b->state != BROKEN)
		if (monitor_wait(&b->monitor, CHANGED, deadline) &&
		    b->state != FILLING && b->state != BROKEN)
			return SL_TIMEOUT;
	if (b->state == BROKEN)
		return SL_BROKEN;
	b->count++;
	return SL_OK;
}

static void go(struct rounds *b)
{
	if (--b->count == 0 && (b->state == DRAINING || b->state == LEAVING))
		become(b, FILLING);
}

static int act(struct rounds *b)
{
	int r;

	become(b, ACTING);
	b->actor = sl_self();
	monitor_leave(&b->monitor);
	r = b->action(b->argument);
	monitor_enter(&b->monitor);
	b->actor = 0;
	if (b->state != ACTING) /* broken meanwhile */
		return r ? r : SL_BROKEN;
	if (!r)
		b->round++;
	become(b, r ? BROKEN : DRAINING);
	return r;
}

static int await(struct rounds *b, uint64_t deadline)
{
	uint64_t round = b->round;

	while (b->round == round &&
	       (b->state == FILLING || b->state == ACTING)) {
		if (!monitor_wait(&b->monitor, CHANGED, deadline))
			continue;
		if (b->round == round &&
		    (b->state == FILLING || b->state == ACTING)) {
			become(b, BROKEN);
			return SL_TIMEOUT;
		}
	}
	return b->round == round ? SL_BROKEN : SL_OK;
}

int rounds_wait(struct rounds *b, uint64_t deadline, unsigned *index)
{
	unsigned left;
	int r;

	monitor_enter(&b->monitor);
	r = come(b, deadline);
	if (!r) {
		left = b->parties - b->count;
		r = left ? await(b, deadline) : act(b);
		go(b);
		if (!r && index)
			*index = left;
	}
	monitor_leave(&b->monitor);
	return r;
}

void rounds_abort(struct rounds *b)
{
	monitor_enter(&b->monitor);
	become(b, BROKEN);
	monitor_leave(&b->monitor);
}

void rounds_reset(struct rounds *b)
{
	monitor_enter(&b->monitor);
	if (b->count == 0)
		become(b, FILLING);
	else if (b->state != DRAINING)
		become(b, LEAVING);
	monitor_leave(&b->monitor);
}

unsigned rounds_waiting(struct rounds *b)
{
	unsigned n;

	monitor_enter(&b->monitor);
	n = b->state == FILLING || b->state == ACTING ? b->count : 0;
	monitor_leave(&b->monitor);
	return n;
}

bool rounds_broken(struct rounds *b)
{
	bool broken;

	monitor_enter(&b->monitor);
	broken = b->state == BROKEN;
	monitor_leave(&b->monitor);
	return broken;
}
