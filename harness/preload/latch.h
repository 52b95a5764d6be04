/* SPDX-License-Identifier: MIT */
/*
 * The interposer's own lock, for a few dozen instructions at a time: it can use
 * neither the program's mutexes nor the ones that it answers with.
 *
 * Edges  [A] acquire of the exchange pairs with [B] release of the store
 */
#ifndef LATCH_H
#define LATCH_H

#include "../../primitives/sync.h"

struct latch {
	_Atomic uint32_t word;
};

static inline void latch_close(struct latch *l)
{
	/* [A] */
	while (atomic_exchange_explicit(&l->word, 1, memory_order_acquire))
		sched_yield();
}

static inline void latch_open(struct latch *l)
{
	/* [B] */
	atomic_store_explicit(&l->word, 0, memory_order_release);
}

#endif
