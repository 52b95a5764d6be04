/* SPDX-License-Identifier: MIT */
/*
 * A futex mutex that spins and then parks; barging. The files that include it
 * differ in how long a waiter spins, and in nothing else: each defines spin.
 *
 * Source: U. Drepper, "Futexes Are Tricky" (2011), section 6, mutex2; the spin
 * before the park as in J. Ousterhout, "Scheduling techniques for concurrent
 * systems" (ICDCS 1982).
 *
 * State  FREE       nobody holds it
 *        HELD       held; nobody sleeps
 *        CONTENDED  held; somebody may sleep. May be stale (the last sleeper
 *                   has timed out): the price is one needless wake.
 *
 * Edges  [A] acquire of the exchange or compare-exchange that takes the word
 *            pairs with [B]
 *        [B] release of the exchange in unlock pairs with [A]
 */
#ifndef PARK_H
#define PARK_H

#include "../mutex.h"

enum { FREE, HELD, CONTENDED };

struct park {
	_Atomic uint32_t word;
	_Atomic uint32_t pauses; /* for a limit that learns: see park.c */
};

/* Wait for a while; true if it has been taken. Called once a lock. */
static bool spin(struct park *m);

static ALWAYS_INLINE bool take(struct park *m, uint32_t as)
{
	uint32_t expected = FREE;

	/* [A]; the failure order is relaxed: nothing was acquired */
	return atomic_compare_exchange_strong_explicit(&m->word, &expected, as,
						       memory_order_acquire,
						       memory_order_relaxed);
}

/* Look limit times, a pause apart; returns after how many looks it was taken,
 * or limit if it was not. */
static ALWAYS_INLINE uint32_t spin_for(struct park *m, uint32_t limit)
{
	uint32_t n = 0;

	for (; n < limit; n++) {
		cpu_relax();
		/* load before the exchange: spinning keeps the line shared */
		if (atomic_load_explicit(&m->word, memory_order_relaxed) ==
			    FREE &&
		    take(m, HELD))
			break;
	}
	return n;
}

static COLD int lock_slow(struct park *m, uint64_t deadline)
{
	if (deadline && spin(m))
		return SYNC_OK;
	/* [A] */
	while (atomic_exchange_explicit(&m->word, CONTENDED,
					memory_order_acquire) != FREE) {
		if (futex_wait(&m->word, CONTENDED, deadline) == ETIMEDOUT)
			return take(m, CONTENDED) ? SYNC_OK : SYNC_TIMEOUT;
	}
	return SYNC_OK;
}

static inline void lock(void *mutex, void *node)
{
	(void)node;
	if (unlikely(!take(mutex, HELD)))
		lock_slow(mutex, DEADLINE_NEVER);
}

static inline int trylock(void *mutex, void *node)
{
	(void)node;
	return take(mutex, HELD) ? SYNC_OK : SYNC_BUSY;
}

static int timedlock(void *mutex, void *node, uint64_t deadline)
{
	(void)node;
	return take(mutex, HELD) ? SYNC_OK : lock_slow(mutex, deadline);
}

static inline void unlock(void *mutex, void *node)
{
	struct park *m = mutex;

	(void)node;
	/* [B] */
	if (unlikely(atomic_exchange_explicit(&m->word, FREE,
					      memory_order_release) ==
		     CONTENDED))
		futex_wake(&m->word, 1);
}

#define REGISTER_PARK(...)                                                     \
	REGISTER_MUTEX(.id = { .name = FILE_STEM,                              \
			       .family = OTHER,                                \
			       .size = sizeof(struct park),                    \
			       __VA_ARGS__ },                                  \
		       .lock = lock, .trylock = trylock,                       \
		       .timedlock = timedlock, .unlock = unlock)

#endif
