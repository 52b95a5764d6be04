/* SPDX-License-Identifier: MIT */
/*
 * A recursive mutex with a depth of 16 bits, which lock and timedlock look at
 * before they count, and trylock does not. The 65,536th try says yes and makes
 * the depth 0: held by somebody who holds it not at all.
 *
 * Bug:       try-wraps-depth
 * Source:    planted; a depth that wraps round is microsoft/STL issue 3407
 *            (2023), of lock and probably of try_lock
 * Scenario:  the owner tries again until it is refused
 * Violation: wrong count; then never released
 */
#include "_gate.h"

enum { MAX_NARROW = UINT16_MAX };

static int timedlock(void *mutex, uint64_t deadline)
{
	struct owned *m = mutex;

	if (is_mine(m)) {
		if (m->depth == MAX_NARROW)
			return SYNC_OVERFLOW;
		m->depth++;
		return SYNC_OK;
	}
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
	struct owned *m = mutex;
	int result;

#if BROKEN
	if (is_mine(m)) {
		m->depth = (uint16_t)(m->depth + 1);
		return SYNC_OK;
	}
#endif
	result = timedlock(m, 0);
	return result == SYNC_TIMEOUT ? SYNC_BUSY : result;
}

REGISTER_RECURSIVE_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("trylock counts past the limit"),
		.source = "planted, after microsoft/STL issue 3407",
		.size = sizeof(struct owned),
	},
	.max_depth = MAX_NARROW,
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = leave,
	.depth = depth,
	.release_all = release_all,
	.reacquire = reacquire);
