/* SPDX-License-Identifier: MIT */
/*
 * A queue lock with one word a node: unlock writes the mutex into its own
 * node's `grant`, on which the next in the queue spins, and which that one
 * clears. The unlock that does not wait for the clearing may come back with
 * the same node: whoever queues up behind it then finds the grant that was
 * meant for another.
 *
 * Bug:       hemlock-no-ack
 * Source:    planted; D. Dice and A. Kogan, "Hemlock" (SPAA 2021), wait for the
 *            clearing for this reason (recalled)
 * Scenario:  three threads; the first unlocks and locks again before the second
 *            has seen the grant, the third comes behind it
 * Violation: mutual exclusion
 */
#include "../../../../primitives/mutex.h"
#include "../canary.h"

struct hemlock_node {
	_Atomic(void *) grant;
};

struct hemlock {
	_Atomic(struct hemlock_node *) tail;
};

static void lock(void *mutex, void *node)
{
	struct hemlock *m = mutex;
	struct hemlock_node *self = node, *before;
	struct spinner s = { 0 };
	void *granted;

	before = atomic_exchange_explicit(&m->tail, self, memory_order_acq_rel);
	if (!before)
		return;
	do {
		granted = m;
		if (atomic_compare_exchange_strong_explicit(
			    &before->grant, &granted, NULL,
			    memory_order_acq_rel, memory_order_relaxed))
			return;
	} while (spin_once(&s, DEADLINE_NEVER));
}

static int trylock(void *mutex, void *node)
{
	struct hemlock *m = mutex;
	struct hemlock_node *nobody = NULL;

	return atomic_compare_exchange_strong_explicit(&m->tail, &nobody, node,
						       memory_order_acq_rel,
						       memory_order_relaxed)
		       ? SYNC_OK
		       : SYNC_BUSY;
}

static void unlock(void *mutex, void *node)
{
	struct hemlock *m = mutex;
	struct hemlock_node *self = node, *last = self;
	struct spinner s = { 0 };

	if (atomic_compare_exchange_strong_explicit(&m->tail, &last, NULL,
						    memory_order_release,
						    memory_order_relaxed))
		return;
	atomic_store_explicit(&self->grant, m, memory_order_release);
#if BROKEN
	(void)s;
#else
	/* acquire: what the next did with the node is over */
	while (atomic_load_explicit(&self->grant, memory_order_acquire))
		spin_once(&s, DEADLINE_NEVER);
#endif
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a grant that nobody waits for"),
		.source = "planted, after Dice and Kogan, Hemlock (2021)",
		.unsupported = "a canary has no timed form",
		.flags = IMPL_FIFO,
		.size = sizeof(struct hemlock),
		.node_size = sizeof(struct hemlock_node),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
