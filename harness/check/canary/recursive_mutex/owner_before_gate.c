/* SPDX-License-Identifier: MIT */
/*
 * A recursive mutex whose locker announces itself as the owner when nobody
 * seems to hold it, and only then takes the gate. Two that see a depth of 0 at
 * once overwrite each other's name and count together.
 *
 * Bug:       pub-rlock-owner-before-gate
 * Source:    ps2sdk pull request 833 (2026), __retarget_lock_acquire_recursive
 * Scenario:  two or three threads, each lock and unlock twice
 * Violation: two owners, a wrong depth, a gate that is never given back
 * Caught by: all
 * Explored by: exclusion_2 (data race)
 */
#include "_gate.h"

static int timedlock(void *mutex, uint64_t deadline)
{
	struct owned *m = mutex;

#if BROKEN
	if (m->depth == 0)
		set_owner(m, self());
	if (is_mine(m)) {
		if (m->depth > 0)
			return deeper(m);
		m->depth = 1;
		if (small_timedlock(&m->gate, deadline) == SYNC_OK)
			return SYNC_OK;
		m->depth = 0;
		return SYNC_TIMEOUT;
	}
#endif
	if (is_mine(m))
		return deeper(m);
	if (small_timedlock(&m->gate, deadline))
		return SYNC_TIMEOUT;
	set_owner(m, self());
	m->depth++;
	return SYNC_OK;
}

static int lock(void *mutex)
{
	return timedlock(mutex, DEADLINE_NEVER);
}

static int trylock(void *mutex)
{
	int result = timedlock(mutex, 0);

	return result == SYNC_TIMEOUT ? SYNC_BUSY : result;
}

REGISTER_RECURSIVE_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("the owner is named before it owns"),
		.source = "ps2sdk pull request 833",
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
