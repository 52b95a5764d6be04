/* SPDX-License-Identifier: MIT */
/*
 * What the conditions of the gallery with a queue of waiters have in common:
 * the waiter, on its own stack, and how it sleeps. A signaller holds the lock
 * of the condition until it has done with the waiter, and a waiter takes that
 * lock before it leaves.
 */
#ifndef QUEUED_H
#define QUEUED_H

#include "../../../../primitives/cond.h"
#include "../canary.h"
#include "../small_lock.h"

struct waiter {
	struct waiter *next;
	_Atomic uint32_t signalled;
};

/* relaxed: only the guard orders anything */
static inline void waiter_wake(struct waiter *w)
{
	atomic_store_explicit(&w->signalled, 1, memory_order_relaxed);
	futex_wake(&w->signalled, 1);
}

/* Until it is signalled; false: it was late. */
static inline bool waiter_sleep(struct waiter *me, uint64_t deadline)
{
	int r = 0;

	while (r != ETIMEDOUT &&
	       !atomic_load_explicit(&me->signalled, memory_order_relaxed))
		r = futex_wait(&me->signalled, 0, deadline);
	return r != ETIMEDOUT;
}

#endif
