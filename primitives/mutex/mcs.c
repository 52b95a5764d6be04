/* SPDX-License-Identifier: MIT */
/*
 * MCS queue lock: each waiter spins on its own node, and its predecessor tells
 * it to go. FIFO.
 *
 * Source: J. Mellor-Crummey and M. Scott, "Algorithms for scalable
 * synchronization on shared-memory multiprocessors" (ACM TOCS 1991), section
 * 2.4, algorithm 5.
 *
 * State  tail        the node of the last in line, NULL if the lock is free
 *        node.next   who comes after us. NULL may be stale: the successor is in
 *                    the tail and has not yet said who it is
 *        node.wait   set by its owner before it tells anybody of the node,
 *                    cleared by the predecessor
 *
 * Edges  [A] acquire of the exchange or compare-exchange that finds the tail
 *            NULL pairs with [B]
 *        [B] release of the compare-exchange in unlock that makes it NULL
 *            pairs with [A]
 *        [C] acquire of the load that finds wait cleared pairs with [D]
 *        [D] release store to the successor's wait in unlock pairs with [C]
 *        [E] acquire of the load of next in unlock pairs with [F]: it sees the
 *            successor's wait set, so that [D] comes after it
 *        [F] release store to the predecessor's next in lock pairs with [E]
 *
 * Progress: FIFO. Never sleeps; yields once in a long while (_patience.h).
 * Costs: two atomic read-modify-writes uncontended, one exchange and three
 * stores contended; one line goes from core to core at each hand-over, however
 * many wait.
 * Loses to a ticket lock with few cores; to every lock that barges, by a factor
 * of hundreds, with more threads than cores: the next in line is likely to have
 * no core.
 */
#include "../mutex.h"
#include "_patience.h"

struct mcs_node {
	_Atomic(struct mcs_node *) next;
	_Atomic uint32_t wait;
};

struct mcs {
	_Atomic(struct mcs_node *) tail;
};

static COLD void queue_behind(struct mcs_node *predecessor,
			      struct mcs_node *self)
{
	struct patience p = { 0 };

	/* relaxed: [F] publishes it */
	atomic_store_explicit(&self->wait, 1, memory_order_relaxed);
	/* [F] */
	atomic_store_explicit(&predecessor->next, self, memory_order_release);
	/* [C] */
	while (atomic_load_explicit(&self->wait, memory_order_acquire))
		wait_a_turn(&p);
}

static inline void lock(void *mutex, void *node)
{
	struct mcs *m = mutex;
	struct mcs_node *self = node, *predecessor;

	/* relaxed: the exchange below publishes it, as part of the queue */
	atomic_store_explicit(&self->next, NULL, memory_order_relaxed);
	/* [A]; release, so that the successor's [F] comes after our NULL */
	predecessor =
		atomic_exchange_explicit(&m->tail, self, memory_order_acq_rel);
	if (unlikely(predecessor))
		queue_behind(predecessor, self);
}

static inline int trylock(void *mutex, void *node)
{
	struct mcs *m = mutex;
	struct mcs_node *self = node, *nobody = NULL;

	/* relaxed: as in lock */
	atomic_store_explicit(&self->next, NULL, memory_order_relaxed);
	/* [A]; release: as in lock */
	return atomic_compare_exchange_strong_explicit(&m->tail, &nobody, self,
						       memory_order_acq_rel,
						       memory_order_relaxed)
		       ? SYNC_OK
		       : SYNC_BUSY;
}

static ALWAYS_INLINE struct mcs_node *successor(struct mcs_node *self)
{
	/* [E] */
	return atomic_load_explicit(&self->next, memory_order_acquire);
}

static inline void unlock(void *mutex, void *node)
{
	struct mcs *m = mutex;
	struct mcs_node *self = node, *last = node, *next = successor(self);
	struct patience p = { 0 };

	if (likely(!next)) {
		/* [B] */
		if (likely(atomic_compare_exchange_strong_explicit(
			    &m->tail, &last, NULL, memory_order_release,
			    memory_order_relaxed)))
			return;
		/* somebody is in the tail and about to tell us who it is */
		while (!(next = successor(self)))
			wait_a_turn(&p);
	}
	/* [D] */
	atomic_store_explicit(&next->wait, 0, memory_order_release);
}

REGISTER_MUTEX(
	.id = {
		.name = "mcs",
		.family = OTHER,
		.brief = "a queue of nodes, each waiter spins on its own; FIFO",
		.source = "Mellor-Crummey and Scott, TOCS 1991, algorithm 5",
		.unsupported = "a waiter cannot leave the middle of the queue",
		.flags = IMPL_FIFO,
		.size = sizeof(struct mcs),
		.node_size = sizeof(struct mcs_node),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
