/* SPDX-License-Identifier: MIT */
/*
 * A mutex whose 1000th unlock never returns. In a campaign it must become a row
 * with its reason, and the campaign must go on.
 *
 * Bug:       hangs
 * Source:    planted
 * Scenario:  a thousand sections
 * Violation: hang
 * Caught by: laws, stress, faults, tsan-gcc, tsan-clang, asan
 * Explored by: none: it takes 1,000 sections
 */
#include "../../../../primitives/mutex.h"
#include "../canary.h"

struct hangs {
	_Atomic uint32_t held;
	_Atomic uint32_t unlocks;
};

static inline void lock(void *mutex, void *node)
{
	struct hangs *m = mutex;

	(void)node;
	while (atomic_exchange_explicit(&m->held, 1, memory_order_acquire))
		sched_yield();
}

static int trylock(void *mutex, void *node)
{
	struct hangs *m = mutex;

	(void)node;
	return atomic_exchange_explicit(&m->held, 1, memory_order_acquire)
		       ? SYNC_BUSY
		       : SYNC_OK;
}

static inline void unlock(void *mutex, void *node)
{
	struct hangs *m = mutex;

	(void)node;
	if (BROKEN && atomic_fetch_add_explicit(&m->unlocks, 1,
						memory_order_relaxed) == 1000)
		pause();
	atomic_store_explicit(&m->held, 0, memory_order_release);
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("the 1000th unlock never returns"),
		.source = "planted",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct hangs),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
