/* SPDX-License-Identifier: MIT */
/*
 * What the futex semaphores of the gallery have in common: a count, taken from
 * by compare-exchange. It is the first member, so that these are hooks.
 */
#ifndef COUNTED_H
#define COUNTED_H

#include "../../../../primitives/semaphore.h"
#include "../canary.h"

struct counted {
	_Atomic uint32_t count;
	uint32_t bound;
};

static inline int counted_init(void *semaphore, unsigned initial,
			       unsigned bound)
{
	struct counted *s = semaphore;

	if (initial > SEMAPHORE_MAX || (bound && initial > bound))
		return SYNC_INVALID;
	s->bound = bound < SEMAPHORE_MAX ? bound : SEMAPHORE_MAX;
	atomic_init(&s->count, initial);
	return SYNC_OK;
}

/* The highest count; all-zero bytes are a plain semaphore. */
static inline uint32_t counted_most(const struct counted *s)
{
	return s->bound ? s->bound : SEMAPHORE_MAX;
}

static inline int counted_tryacquire(void *semaphore)
{
	struct counted *s = semaphore;
	uint32_t count = atomic_load_explicit(&s->count, memory_order_relaxed);

	while (count)
		if (atomic_compare_exchange_weak_explicit(
			    &s->count, &count, count - 1, memory_order_acquire,
			    memory_order_relaxed))
			return SYNC_OK;
	return SYNC_BUSY;
}

static inline unsigned counted_value(void *semaphore)
{
	struct counted *s = semaphore;

	return atomic_load_explicit(&s->count, memory_order_relaxed);
}

static inline void counted_wake(struct counted *s, unsigned n)
{
	futex_wake(&s->count, n < INT_MAX ? (int)n : INT_MAX);
}

#endif
