/* SPDX-License-Identifier: MIT */
/*
 * Test-and-test-and-set spinlock that yields its time slice when it waits long.
 *
 * Source: L. Rudolph and Z. Segall, "Dynamic decentralized cache schemes for
 * MIMD parallel processors" (ISCA 1984), the test before the test-and-set.
 *
 * State  0 free, 1 held
 *
 * Edges  [A] acquire of the exchange that takes the word pairs with [B]
 *        [B] release store in unlock pairs with [A]
 *
 * Progress: barging, no bypass bound, never sleeps in the kernel; after a short
 * spin it yields, so it survives more threads than cores.
 * Costs: one atomic read-modify-write and one store uncontended. Loses when
 * sections are long: every waiter burns a core or keeps the scheduler busy.
 */
#include "../mutex.h"

struct spin {
	_Atomic uint32_t held;
};

static ALWAYS_INLINE bool take(struct spin *m)
{
	/* [A] */
	return !atomic_exchange_explicit(&m->held, 1, memory_order_acquire);
}

static COLD int lock_slow(struct spin *m, uint64_t deadline)
{
	struct spinner s = { 0 };

	do {
		/* load before the exchange: spinning keeps the line shared */
		while (atomic_load_explicit(&m->held, memory_order_relaxed))
			if (!spin_once(&s, deadline))
				return SYNC_TIMEOUT;
	} while (!take(m));
	return SYNC_OK;
}

static inline void lock(void *mutex, void *node)
{
	(void)node;
	if (unlikely(!take(mutex)))
		lock_slow(mutex, DEADLINE_NEVER);
}

static inline int trylock(void *mutex, void *node)
{
	(void)node;
	return take(mutex) ? SYNC_OK : SYNC_BUSY;
}

static int timedlock(void *mutex, void *node, uint64_t deadline)
{
	(void)node;
	return take(mutex) ? SYNC_OK : lock_slow(mutex, deadline);
}

static inline void unlock(void *mutex, void *node)
{
	struct spin *m = mutex;

	(void)node;
	/* [B] */
	atomic_store_explicit(&m->held, 0, memory_order_release);
}

REGISTER_MUTEX(
	.id = {
		.name = "spin",
		.family = SPIN,
		.brief = "test-and-test-and-set, yields when it waits long",
		.source = "Rudolph and Segall, ISCA 1984",
		.size = sizeof(struct spin),
	},
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock);
