/* SPDX-License-Identifier: MIT */
/*
 * A central barrier whose waiters spin on the round's number.
 *
 * Source: own; the sense-reversing central barrier of J. Mellor-Crummey and
 * M. Scott (TOCS 1991), section 3.1, with a round number for the sense.
 *
 * State and edges: see _rounds.h. ASLEEP is never set.
 *
 * Progress: a waiter yields but never sleeps; whoever changes the state never
 * waits. Costs: one compare-exchange an arrival. Loses with more threads than
 * cores: the last to arrive waits for the others' time slices.
 */
#include "_rounds.h"

static void wake(struct rounds *r)
{
	(void)r;
}

static bool await(struct rounds *r, uint64_t seen, uint64_t deadline)
{
	struct spinner s = { 0 };

	while (!((look(r) ^ seen) & NEWS))
		if (!spin_once(&s, deadline))
			return false;
	return true;
}

static int wait(void *barrier, uint64_t deadline, unsigned *index)
{
	return rounds_wait(barrier, deadline, index, await, wake);
}

static void abort_(void *barrier)
{
	rounds_abort(barrier, wake);
}

static void reset(void *barrier)
{
	rounds_reset(barrier, wake);
}

REGISTER_BARRIER(
	.id = {
		.name = "spin",
		.family = SPIN,
		.brief = "one state word; yields when it waits long",
		.source = "own, after Mellor-Crummey and Scott (TOCS 1991)",
		.flags = IMPL_NEEDS_INIT,
		.size = sizeof(struct rounds),
		.age = rounds_age,
	},
	.init = rounds_init,
	.wait = wait,
	.abort = abort_,
	.reset = reset,
	.waiting = rounds_waiting,
	.broken = rounds_broken);
