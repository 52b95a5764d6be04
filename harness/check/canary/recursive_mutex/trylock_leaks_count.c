/* SPDX-License-Identifier: MIT */
/*
 * A recursive mutex whose trylock, called by the owner, counts and then forgets
 * to say that it has: it goes on to try the gate, which the owner itself holds,
 * and says busy. The owner's last unlock leaves the mutex held.
 *
 * Bug:       pub-rlock-trylock-leaks-count
 * Source:    Clozure CL issue 597, recursive_lock_trylock
 * Scenario:  lock, trylock, unlock; then another thread's lock
 * Violation: wrong answer, deadlock
 * Caught by: all
 * Explored by: try_nested_2 (assertion)
 */
#include "_gate.h"

static int begin(struct owned *m)
{
	set_owner(m, self());
	m->depth = 1;
	return SYNC_OK;
}

static int trylock(void *mutex)
{
	struct owned *m = mutex;

	if (is_mine(m)) {
#if BROKEN
		deeper(m);
#else
		return deeper(m);
#endif
	}
	return small_trylock(&m->gate) ? begin(m) : SYNC_BUSY;
}

static int timedlock(void *mutex, uint64_t deadline)
{
	struct owned *m = mutex;

	if (is_mine(m))
		return deeper(m);
	return small_timedlock(&m->gate, deadline) ? SYNC_TIMEOUT : begin(m);
}

static int lock(void *mutex)
{
	return timedlock(mutex, DEADLINE_NEVER);
}

REGISTER_RECURSIVE_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("the owner's trylock counts, says busy"),
		.source = "Clozure CL issue 597",
		.size = sizeof(struct owned),
	},
	.max_depth = MAX_DEPTH,
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = leave,
	.depth = depth,
	.release_all = release_all,
	.reacquire = reacquire);
