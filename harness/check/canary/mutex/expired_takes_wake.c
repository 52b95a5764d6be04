/* SPDX-License-Identifier: MIT */
/*
 * A barging mutex with a queue: unlock frees it and wakes the first in the
 * queue, who has to take it like anybody else. A waiter whose deadline passes
 * leaves the queue; if it is not there any more, an unlock has chosen it. It
 * leaves all the same, and those behind it sleep beside a free mutex.
 *
 * Bug:       expired-takes-wake
 * Source:    typelevel/cats-effect issue 3554 (2023), "waiters can be lost in
 *            Mutex"; the same sequence in lalinsky/zio pull request 94 (2025)
 * Scenario:  a holder, a waiter with a deadline, behind it one without; the
 *            deadline passes as the holder unlocks
 * Violation: lost wake-up
 * Caught by: histories
 * Rare:      the unlock must come between the deadline and the guard
 * Explored by: none: not found in 20,000 executions; with --mode=pct,
 *            expiry_strands_nobody (deadlock)
 */
#include "_queue.h"

struct barging {
	struct queue waiters;
	bool held;
};

static bool take(struct barging *m)
{
	if (m->held)
		return false;
	m->held = true;
	return true;
}

/* Its deadline has passed. */
static int leave(struct barging *m, struct sleeper *s)
{
	bool was_waiting, taken;

	small_lock(&m->waiters.guard);
	was_waiting = take_out(&m->waiters, s);
#if BROKEN
	(void)was_waiting;
	taken = false;
#else
	/* who has been chosen must try: whoever holds it instead will choose
	 * the next one */
	taken = !was_waiting && take(m);
#endif
	small_unlock(&m->waiters.guard);
	return taken ? SYNC_OK : SYNC_TIMEOUT;
}

static int timedlock(void *mutex, void *node, uint64_t deadline)
{
	struct barging *m = mutex;
	bool taken;

	(void)node;
	for (;;) {
		struct sleeper me = { 0 };

		small_lock(&m->waiters.guard);
		taken = take(m);
		if (!taken)
			push(&m->waiters, &me);
		small_unlock(&m->waiters.guard);
		if (taken)
			return SYNC_OK;
		if (!sleep_until_woken(&me, deadline))
			return leave(m, &me);
	}
}

static void lock(void *mutex, void *node)
{
	timedlock(mutex, node, DEADLINE_NEVER);
}

static int trylock(void *mutex, void *node)
{
	struct barging *m = mutex;
	bool taken;

	(void)node;
	small_lock(&m->waiters.guard);
	taken = take(m);
	small_unlock(&m->waiters.guard);
	return taken ? SYNC_OK : SYNC_BUSY;
}

static void unlock(void *mutex, void *node)
{
	struct barging *m = mutex;
	struct sleeper *chosen;

	(void)node;
	small_lock(&m->waiters.guard);
	m->held = false;
	chosen = pop(&m->waiters);
	if (chosen)
		wake(chosen);
	small_unlock(&m->waiters.guard);
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("who times out keeps the wake-up"),
		.source = "cats-effect issue 3554",
		.size = sizeof(struct barging),
	},
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock);
