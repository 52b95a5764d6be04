/* SPDX-License-Identifier: MIT */
/*
 * A spinlock whose unlock is relaxed: nothing orders a section before the next.
 *
 * Must be caught by ThreadSanitizer (law `publishes`); x86 itself never shows
 * it, since its stores stay in order.
 */
#include "../../../primitives/mutex.h"

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
	/* the fault: release is needed */
	atomic_store_explicit(&m->held, 0, memory_order_relaxed);
}

REGISTER_MUTEX(
	.id = {
		.name = "canary_missing_release",
		.brief = "broken: unlock publishes nothing",
		.source = "planted",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct spin),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
