/* SPDX-License-Identifier: MIT */
/*
 * A recursive mutex that knows its owner by the address of a thread-local. A
 * thread may end while it holds the mutex; a later one that gets its stack gets
 * the address, and with it the mutex.
 *
 * Bug:       owner-id-reused
 * Source:    Rust issue 123458 (2024), "ReentrantLock can be held by multiple
 *            threads"; with kernel ids musl commit fffc5cda10e0 (2014)
 * Scenario:  a thread locks and ends; the next one tries the lock
 * Violation: somebody else's mutex is mine
 */
#include "../../../../primitives/recursive_mutex.h"
#include "../../../../primitives/recursive_mutex/_thread_id.h"
#include "../canary.h"
#include "../small_lock.h"

struct owned {
	struct small_lock gate;
	uint32_t depth; /* written by the owner alone */
	_Atomic uint64_t owner;
};

static uint64_t who(void)
{
#if BROKEN
	static _Thread_local char here;

	return (uintptr_t)&here;
#else
	return self();
#endif
}

static unsigned depth(void *mutex)
{
	struct owned *m = mutex;
	uint64_t owner = atomic_load_explicit(&m->owner, memory_order_relaxed);

	return owner == who() ? m->depth : 0;
}

static void begin(struct owned *m, unsigned deep)
{
	m->depth = deep;
	atomic_store_explicit(&m->owner, who(), memory_order_relaxed);
}

static int timedlock(void *mutex, uint64_t deadline)
{
	struct owned *m = mutex;
	unsigned deep = depth(m);

	if (deep == INT_MAX)
		return SYNC_OVERFLOW;
	if (deep)
		m->depth = deep + 1;
	else if (small_timedlock(&m->gate, deadline) == SYNC_OK)
		begin(m, 1);
	else
		return SYNC_TIMEOUT;
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

static unsigned release_all(void *mutex)
{
	struct owned *m = mutex;
	unsigned had = depth(m);

	if (had) {
		m->depth = 0;
		atomic_store_explicit(&m->owner, 0, memory_order_relaxed);
		small_unlock(&m->gate);
	}
	return had;
}

static int unlock(void *mutex)
{
	struct owned *m = mutex;
	unsigned deep = depth(m);

	if (!deep)
		return SYNC_NOT_OWNER;
	if (deep == 1)
		release_all(m);
	else
		m->depth = deep - 1;
	return SYNC_OK;
}

static void reacquire(void *mutex, unsigned to)
{
	struct owned *m = mutex;

	if (!to)
		return;
	small_lock(&m->gate);
	begin(m, to);
}

REGISTER_RECURSIVE_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("an owner's id is used again"),
		.source = "Rust issue 123458, musl commit fffc5cda10e0",
		.size = sizeof(struct owned),
	},
	.max_depth = INT_MAX,
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock,
	.depth = depth,
	.release_all = release_all,
	.reacquire = reacquire);
