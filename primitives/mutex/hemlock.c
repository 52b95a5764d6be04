/* SPDX-License-Identifier: MIT */
/*
 * Hemlock: CLH's implicit queue, in which each waiter spins on its
 * predecessor's node, and says when it is done with it. FIFO.
 *
 * Source: D. Dice and A. Kogan, "Hemlock: compact and scalable mutual
 * exclusion" (SPAA 2021), listing 1. It stands here for CLH (T. Craig, 1993; P.
 * Magnusson, A. Landin and E. Hagersten, 1994), where a thread leaves its node
 * to its successor and goes on with its predecessor's: a node of the caller's
 * must be its own again when unlock returns.
 *
 * State  tail        the node of the last in line, NULL if the lock is free
 *        node.grant  the lock that its owner passes on at the moment, NULL if
 *                    none; set by the owner, cleared by the successor. So one
 *                    node would even do for all the locks of a thread.
 *
 * Edges  [A] acquire of the exchange or compare-exchange that finds the tail
 *            NULL pairs with [B]
 *        [B] release of the compare-exchange in unlock that makes it NULL
 *            pairs with [A]
 *        [C] acquire of the load that finds the lock granted pairs with [D]
 *        [D] release store to one's own grant in unlock pairs with [C]
 *        [E] acquire of the load in unlock that finds grant cleared pairs with
 *            [F]: afterwards the node may be freed
 *        [F] release store to the predecessor's grant in lock pairs with [E]
 *
 * Progress: FIFO. Never sleeps; yields once in a long while (_patience.h). An
 * unlock waits for its successor's answer, so it is not wait-free.
 * Costs: two atomic read-modify-writes uncontended; one line goes to the
 * successor and back at each hand-over.
 * Loses to MCS with a core for each thread, by the way back; with more threads
 * than cores to every lock that barges, though it can fare better than MCS: who
 * yields in unlock is out of the queue, which may drain to those with a core.
 */
#include "../mutex.h"
#include "_patience.h"

struct hemlock_node {
	_Atomic(void *) grant;
};

struct hemlock {
	_Atomic(struct hemlock_node *) tail;
};

static COLD void queue_behind(struct hemlock_node *predecessor, void *mutex)
{
	struct patience p = { 0 };

	/* [C] */
	while (atomic_load_explicit(&predecessor->grant,
				    memory_order_acquire) != mutex)
		wait_a_turn(&p);
	/* [F] */
	atomic_store_explicit(&predecessor->grant, NULL, memory_order_release);
}

static inline void lock(void *mutex, void *node)
{
	struct hemlock *m = mutex;
	/* [A]; release, so that the successor finds our node as we left it */
	struct hemlock_node *predecessor =
		atomic_exchange_explicit(&m->tail, node, memory_order_acq_rel);

	if (unlikely(predecessor))
		queue_behind(predecessor, mutex);
}

static inline int trylock(void *mutex, void *node)
{
	struct hemlock *m = mutex;
	struct hemlock_node *nobody = NULL;

	/* [A]; release: as in lock */
	return atomic_compare_exchange_strong_explicit(&m->tail, &nobody, node,
						       memory_order_acq_rel,
						       memory_order_relaxed)
		       ? SYNC_OK
		       : SYNC_BUSY;
}

static COLD void pass_on(struct hemlock_node *self, void *mutex)
{
	struct patience p = { 0 };

	/* [D] */
	atomic_store_explicit(&self->grant, mutex, memory_order_release);
	/* [E] */
	while (atomic_load_explicit(&self->grant, memory_order_acquire))
		wait_a_turn(&p);
}

static inline void unlock(void *mutex, void *node)
{
	struct hemlock *m = mutex;
	struct hemlock_node *last = node;

	/* [B] */
	if (unlikely(!atomic_compare_exchange_strong_explicit(
		    &m->tail, &last, NULL, memory_order_release,
		    memory_order_relaxed)))
		pass_on(node, mutex);
}

REGISTER_MUTEX(
	.id = {
		.name = "hemlock",
		.family = OTHER,
		.brief = "CLH's queue with nodes that stay their owners'; FIFO",
		.source = "Dice and Kogan, SPAA 2021, listing 1",
		.unsupported = "a waiter cannot leave the middle of the queue",
		.flags = IMPL_FIFO,
		.size = sizeof(struct hemlock),
		.node_size = sizeof(struct hemlock_node),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
