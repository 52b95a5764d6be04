/* SPDX-License-Identifier: MIT */
/*
 * A correct lock for the insides of canaries: three states in one word, as in
 * U. Drepper, "Futexes Are Tricky" (2011), mutex2. All-zero is unlocked.
 *
 * After unlock has freed the word the object may be gone: the wake needs but
 * its address.
 */
#ifndef SMALL_LOCK_H
#define SMALL_LOCK_H

#include "../../../primitives/sync.h"

struct small_lock {
	_Atomic uint32_t word;
};

enum { SMALL_FREE, SMALL_HELD, SMALL_CONTENDED };

static inline bool small_trylock(struct small_lock *l)
{
	uint32_t expected = SMALL_FREE;

	return atomic_compare_exchange_strong_explicit(&l->word, &expected,
						       SMALL_HELD,
						       memory_order_acquire,
						       memory_order_relaxed);
}

/* 0 or SYNC_TIMEOUT; a deadline of 0 never blocks. */
static inline int small_timedlock(struct small_lock *l, uint64_t deadline)
{
	if (small_trylock(l))
		return SYNC_OK;
	if (!deadline)
		return SYNC_TIMEOUT;
	while (atomic_exchange_explicit(&l->word, SMALL_CONTENDED,
					memory_order_acquire) != SMALL_FREE)
		if (futex_wait(&l->word, SMALL_CONTENDED, deadline) ==
		    ETIMEDOUT)
			return SYNC_TIMEOUT;
	return SYNC_OK;
}

static inline void small_lock(struct small_lock *l)
{
	small_timedlock(l, DEADLINE_NEVER);
}

static inline void small_unlock(struct small_lock *l)
{
	if (atomic_exchange_explicit(&l->word, SMALL_FREE,
				     memory_order_release) == SMALL_CONTENDED)
		futex_wake(&l->word, 1);
}

/* Until all have left whom a count under the lock says to be inside. */
static inline void small_drain(struct small_lock *l, const uint32_t *inside)
{
	small_lock(l);
	while (*inside) {
		small_unlock(l);
		sched_yield();
		small_lock(l);
	}
	small_unlock(l);
}

#endif
