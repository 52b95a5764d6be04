/* SPDX-License-Identifier: MIT */
/*
 * The word of the futex and the spin semaphore, and what changes it.
 *
 * State  word   permits in the upper 31 bits, WAITED in the lowest
 *        bound  how many permits there may be, 0 for SEMAPHORE_MAX; constant,
 *               and read before the word changes: afterwards it may be gone
 *
 * Edges  [A] acquire of the compare-exchange that takes a permit pairs with [B]
 *        [B] release of the compare-exchange that gives permits pairs with [A].
 *            Every change of the word is a read-modify-write, so each taker
 *            sees what all givers before it have done.
 */
#ifndef PERMITS_H
#define PERMITS_H

#include "../semaphore.h"

/* WAITED belongs to futex.c; see there. spin.c never sets it. */
enum { WAITED = 1, PERMIT = 2 };

struct permits {
	_Atomic uint32_t word;
	uint32_t bound;
};

static inline int permits_init(void *semaphore, unsigned initial,
			       unsigned bound)
{
	struct permits *p = semaphore;

	if (initial > SEMAPHORE_MAX || (bound && initial > bound))
		return SYNC_INVALID;
	p->bound = bound < SEMAPHORE_MAX ? bound : SEMAPHORE_MAX;
	atomic_init(&p->word, initial * PERMIT);
	return SYNC_OK;
}

static inline unsigned permits_value(void *semaphore)
{
	struct permits *p = semaphore;

	return atomic_load_explicit(&p->word, memory_order_relaxed) / PERMIT;
}

/* Take one if there is one, and set flag if so; *left is the new word. */
static ALWAYS_INLINE bool permits_take(struct permits *p, uint32_t flag,
				       uint32_t *left)
{
	/* relaxed: a permit that is not there publishes nothing */
	uint32_t word = atomic_load_explicit(&p->word, memory_order_relaxed);

	while (word >= PERMIT) {
		*left = (word - PERMIT) | flag;
		/* [A] */
		if (atomic_compare_exchange_weak_explicit(
			    &p->word, &word, *left, memory_order_acquire,
			    memory_order_relaxed))
			return true;
	}
	return false;
}

/* Give n, at least 1, and take WAITED away: *old is the word before. */
static ALWAYS_INLINE int permits_give(struct permits *p, unsigned n,
				      uint32_t *old)
{
	uint32_t most = p->bound ? p->bound : SEMAPHORE_MAX;
	uint32_t next;

	*old = atomic_load_explicit(&p->word, memory_order_relaxed);
	do {
		if (unlikely(n > most - *old / PERMIT))
			return SYNC_OVERFLOW;
		next = (*old & ~(uint32_t)WAITED) + n * PERMIT;
		/* [B] */
	} while (!atomic_compare_exchange_weak_explicit(&p->word, old, next,
							memory_order_release,
							memory_order_relaxed));
	return SYNC_OK;
}

static inline int permits_tryacquire(void *semaphore)
{
	uint32_t left;

	return permits_take(semaphore, 0, &left) ? SYNC_OK : SYNC_BUSY;
}

#endif
