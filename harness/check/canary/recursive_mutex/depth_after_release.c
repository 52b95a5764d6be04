/* SPDX-License-Identifier: MIT */
/*
 * A recursive mutex that is given back before its depth is taken back. The next
 * owner has set the depth to 1 when the late store makes it 0.
 *
 * Bug:       pub-rlock-depth-after-release
 * Source:    parking_lot commit da16c2c (2019)
 * Scenario:  two threads, each lock, lock, unlock, unlock
 * Violation: data race; a wrong depth, so a mutex released too early or never
 * Caught by: all
 * Explored by: exclusion_2 (data race)
 */
#include "_gate.h"

static int timedlock(void *mutex, uint64_t deadline)
{
	struct owned *m = mutex;

	if (is_mine(m))
		return deeper(m);
	if (small_timedlock(&m->gate, deadline))
		return SYNC_TIMEOUT;
	set_owner(m, self());
	m->depth = 1;
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

static int unlock(void *mutex)
{
	struct owned *m = mutex;
	uint32_t left;

	if (!is_mine(m))
		return SYNC_NOT_OWNER;
	left = m->depth - 1;
#if !BROKEN
	m->depth = left;
#endif
	if (left == 0) {
		set_owner(m, 0);
		small_unlock(&m->gate);
	}
#if BROKEN
	m->depth = left;
#endif
	return SYNC_OK;
}

REGISTER_RECURSIVE_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("the depth is written after the release"),
		.source = "parking_lot commit da16c2c",
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
