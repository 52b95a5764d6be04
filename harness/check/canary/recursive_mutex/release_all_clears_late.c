/* SPDX-License-Identifier: MIT */
/*
 * A recursive mutex whose release for a condition opens the gate and then takes
 * its name off. The next owner may have written its own by then: it is left
 * without a name, its unlock is refused, and the gate stays shut.
 *
 * Bug:       release-all-clears-late
 * Source:    zephyrproject-rtos/zephyr issue 11798 (2018), "a thread may lock a
 *            mutex before it is fully unlocked": there in unlock, here where
 *            only a condition's wait comes by (planted)
 * Scenario:  two threads: release_all and reacquire; lock and unlock
 * Violation: an owner that is not one; deadlock
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

static unsigned drop(void *mutex)
{
#if BROKEN
	struct owned *m = mutex;
	unsigned had = depth(m);

	if (!had)
		return 0;
	m->depth = 0;
	small_unlock(&m->gate);
	set_owner(m, 0);
	return had;
#else
	return release_all(mutex);
#endif
}

REGISTER_RECURSIVE_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("release_all takes the next one's name"),
		.source = "planted, after zephyr issue 11798",
		.size = sizeof(struct owned),
	},
	.max_depth = MAX_DEPTH,
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = leave,
	.depth = depth,
	.release_all = drop,
	.reacquire = reacquire);
