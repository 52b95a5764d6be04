/* SPDX-License-Identifier: MIT */
/*
 * A three-state futex mutex that spins briefly and then sleeps; barging.
 *
 * Source: U. Drepper, "Futexes Are Tricky" (2011), section 6, mutex2; the
 * bounded spin before the sleep as in R. Johnson et al., "Decoupling contention
 * management from scheduling" (ASPLOS 2010).
 *
 * State  FREE       nobody holds it
 *        HELD       held; nobody sleeps
 *        CONTENDED  held; somebody may sleep. May be stale (the last sleeper
 *                   has timed out): the price is one needless wake.
 *
 * Edges  [A] acquire of the exchange or compare-exchange that takes the word
 *            pairs with [B], so that a section sees the one before it
 *        [B] release of the exchange in unlock pairs with [A]
 *
 * Progress: barging, no bypass bound; a waiter that has slept takes the mutex
 * as CONTENDED, so that no other sleeper is forgotten.
 * Costs: two atomic read-modify-writes uncontended; one FUTEX_WAKE a release
 * while CONTENDED. Loses to a pure spinlock when sections are shorter than the
 * hand-over of a cache line and there are idle cores.
 */
#include "../mutex.h"

enum { FREE, HELD, CONTENDED };

struct futex {
	_Atomic uint32_t word;
};

static ALWAYS_INLINE bool take(struct futex *m, uint32_t as)
{
	uint32_t expected = FREE;

	/* [A]; the failure order is relaxed: nothing was acquired */
	return atomic_compare_exchange_strong_explicit(&m->word, &expected, as,
						       memory_order_acquire,
						       memory_order_relaxed);
}

/* Barge in as long as we are awake, whether others sleep or not: the unlock
 * that freed the word has woken one of them, who will mark it CONTENDED again.
 */
static bool spin(struct futex *m)
{
	struct backoff b = { 0 };

	while (backoff_once(&b))
		/* load before the exchange: spinning keeps the line shared */
		if (atomic_load_explicit(&m->word, memory_order_relaxed) ==
			    FREE &&
		    take(m, HELD))
			return true;
	return false;
}

static COLD int lock_slow(struct futex *m, uint64_t deadline)
{
	if (spin(m))
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
	struct futex *m = mutex;

	(void)node;
	/* [B] */
	if (unlikely(atomic_exchange_explicit(&m->word, FREE,
					      memory_order_release) ==
		     CONTENDED))
		futex_wake(&m->word, 1);
}

REGISTER_MUTEX(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "three states, bounded spin, then futex; barging",
		.source = "Drepper, Futexes Are Tricky (2011), section 6",
		.size = sizeof(struct futex),
	},
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock);
