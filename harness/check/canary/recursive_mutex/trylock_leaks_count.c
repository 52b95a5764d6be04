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
 */
#include "_gate.h"

static int begin(struct owned *m)
{
	set_owner(m, self());
	m->depth = 1;
	return SYNC_OK;
}

static int lock(void *mutex)
{
	if (is_mine(mutex))
		return deeper(mutex);
	gate_enter(mutex, DEADLINE_NEVER);
	return begin(mutex);
}

static int trylock(void *mutex)
{
	if (is_mine(mutex)) {
#if BROKEN
		deeper(mutex);
#else
		return deeper(mutex);
#endif
	}
	return gate_try(mutex) ? begin(mutex) : SYNC_BUSY;
}

static int timedlock(void *mutex, uint64_t deadline)
{
	if (is_mine(mutex))
		return deeper(mutex);
	return gate_enter(mutex, deadline) ? SYNC_TIMEOUT : begin(mutex);
}

static int unlock(void *mutex)
{
	struct owned *m = mutex;

	if (!is_mine(m))
		return SYNC_NOT_OWNER;
	if (--m->depth == 0) {
		set_owner(m, 0);
		gate_leave(m);
	}
	return SYNC_OK;
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
	.unlock = unlock,
	.depth = depth,
	.release_all = release_all,
	.reacquire = reacquire);
