/* SPDX-License-Identifier: MIT */
/*
 * A spinlock whose unlock is relaxed: nothing orders a section before the next.
 * x86 itself never shows it, since its stores stay in order.
 *
 * Bug:       missing-release
 * Source:    planted
 * Scenario:  two threads, one section each
 * Violation: stale read
 * Caught by: tsan-gcc, tsan-clang
 * Explored by: exclusion_2 (data race)
 */
#include "../../../../primitives/mutex.h"
#include "../canary.h"

struct spin {
	_Atomic uint32_t held;
};

static inline void lock(void *mutex, void *node)
{
	struct spin *m = mutex;

	(void)node;
	while (atomic_exchange_explicit(&m->held, 1, memory_order_acquire))
		sched_yield();
}

static int trylock(void *mutex, void *node)
{
	struct spin *m = mutex;

	(void)node;
	return atomic_exchange_explicit(&m->held, 1, memory_order_acquire)
		       ? SYNC_BUSY
		       : SYNC_OK;
}

static inline void unlock(void *mutex, void *node)
{
	struct spin *m = mutex;

	(void)node;
#if BROKEN
	atomic_store_explicit(&m->held, 0, memory_order_relaxed);
#else
	atomic_store_explicit(&m->held, 0, memory_order_release);
#endif
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("unlock publishes nothing"),
		.source = "planted",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct spin),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
