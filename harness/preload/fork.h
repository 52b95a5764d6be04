/* SPDX-License-Identifier: MIT */
/*
 * The child of a fork has the parent's objects and none of its threads but one.
 * What the C library keeps in a mutex survives that: who waits is not in it.
 * Our queues do not: they point at waiters that are no more, and would hand
 * locks to them.
 *
 * So each object has the number of the forks that had happened when it was last
 * in order. One that is behind is renewed at its first use: it is made free, or
 * held by the thread that forked if that held it. A lock that another thread
 * held stays held for ever, as in the C library.
 *
 * Edges  [A] acquire load of an object's generation pairs with [B] release of
 *            its store, so that who finds it up to date sees it renewed
 */
#ifndef FORK_H
#define FORK_H

#include "../../primitives/sync.h"

/* Forks between the first process and this one. Written in a child that has one
 * thread. */
extern uint32_t generation;

static ALWAYS_INLINE bool is_stale(_Atomic uint32_t *of)
{
	/* [A] */
	return unlikely(atomic_load_explicit(of, memory_order_acquire) !=
			generation);
}

/* renew(object), if it is stale still, by one thread at a time. */
void fork_renew(_Atomic uint32_t *of, void (*renew)(void *object),
		void *object);

/* Answers __register_atfork: ours come before all others, hence first in the
 * child. */
int fork_register(void (*prepare)(void), void (*parent)(void),
		  void (*child)(void), void *object);

/* Make sure that ours are registered. */
void fork_start(void);

#endif
