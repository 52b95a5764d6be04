/* SPDX-License-Identifier: MIT */
/*
 * Mutex and recursive mutex as their conditions see them.
 *
 * owner  the sl_self of the holder, else 0. Set by the holder after it has
 *        locked and taken away before it unlocks, so that a thread which finds
 *        its own number holds the mutex, and one which takes the number away is
 *        the only one that unlocks.
 * over   how many conditions are over it
 */
#ifndef LOCKS_H
#define LOCKS_H

#include "../../primitives/guard.h"
#include "library.h"

struct sl_mutex {
	const struct mutex_impl *impl;
	void *mutex;
	OWN_LINE _Atomic uint64_t owner;
	void *node; /* the holder's, guarded by the mutex */
	_Atomic unsigned over;
};

struct sl_recursive_mutex {
	const struct recursive_mutex_impl *impl;
	void *mutex;
	OWN_LINE _Atomic uint64_t owner;
	_Atomic unsigned depth; /* written by the owner */
	_Atomic unsigned over;
};

/* relaxed: a thread finds its own number only if it wrote it itself */
static inline uint64_t owner_of(const _Atomic uint64_t *owner)
{
	return atomic_load_explicit(owner, memory_order_relaxed);
}

/* relaxed: whoever acts on another thread's number takes it by exchange */
static inline void set_owner(_Atomic uint64_t *owner, uint64_t number)
{
	atomic_store_explicit(owner, number, memory_order_relaxed);
}

/* False: another thread has taken it away (sl_mutex_unlock_any). */
static inline bool take_owner(_Atomic uint64_t *owner, uint64_t number)
{
	/* acquire: with the number goes the node. The failure order is relaxed:
	 * nothing is done then */
	return atomic_compare_exchange_strong_explicit(
		owner, &number, 0, memory_order_acq_rel, memory_order_relaxed);
}

static inline unsigned depth_of(const sl_recursive_mutex *m)
{
	/* relaxed: others only ask for the moment */
	return atomic_load_explicit(&m->depth, memory_order_relaxed);
}

static inline void set_depth(sl_recursive_mutex *m, unsigned depth)
{
	atomic_store_explicit(&m->depth, depth, memory_order_relaxed);
}

#endif
