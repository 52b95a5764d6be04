/* SPDX-License-Identifier: MIT */
/*
 * Threads with a real-time priority at an rwlock: "the calling thread shall not
 * acquire the lock if a writer holds the lock or if the calling thread does not
 * already hold a read lock and writers of higher or equal priority are blocked
 * on the lock; otherwise, the calling thread shall acquire the lock"
 * (POSIX.1-2017, pthread_rwlock_rdlock, option TPS).
 *
 * No implementation knows priorities. So a real-time writer does not wait in
 * it, where it would hold back all readers or none: it tries again and again,
 * and says its priority on the lock at each turn, to which readers listen.
 */
#ifndef RWLOCK_PRIORITY_H
#define RWLOCK_PRIORITY_H

#include "own.h"
#include "wait.h"

/* Of the calling thread; 0 without a real-time policy. A system call. */
uint32_t priority_of_self(void);

/* attempt(object) until it is 0, in the manner of a real-time writer; w may be
 * NULL: no deadline. 0 or ETIMEDOUT. */
int priority_write(struct own_rwlock *l, uint32_t priority,
		   const struct wait *w, int (*attempt)(void *object),
		   void *object);

/* Until no writer is in the way of this reader; the same results. */
int priority_yield(struct own_rwlock *l, const struct wait *w);

static ALWAYS_INLINE bool priority_is_asked(struct own_rwlock *l)
{
	/* relaxed: a hint that is repeated */
	return unlikely(
		atomic_load_explicit(&l->urgent, memory_order_relaxed) != 0);
}

#endif
