/* SPDX-License-Identifier: MIT */
/*
 * An MCS lock that links its node behind the last one with a relaxed store.
 * The holder can follow the link before the node's `locked` has been set; its
 * own clearing of it is then overwritten, and the waiter spins for ever.
 *
 * Bug:       pub-lock-mcs-node-init
 * Source:    DPDK 021b698eb5 (2020) and 8357af1cb3 (2025)
 * Scenario:  two threads, one section each
 * Violation: hang, on a machine with a weaker memory order than x86; what shows
 *            on x86 is the missing edge from the node's memory to the holder
 * Caught by: tsan-gcc, tsan-clang
 * Explored by: exclusion_2 (data race)
 */
#include "../../../../primitives/mutex.h"
#include "../canary.h"

struct mcs_node {
	_Atomic(struct mcs_node *) next;
	_Atomic uint32_t locked;
};

struct mcs {
	_Atomic(struct mcs_node *) tail;
};

/* How a node is linked behind another: it carries the store to `locked`. */
#if BROKEN
#define LINK memory_order_relaxed
#else
#define LINK memory_order_release
#endif

static void lock(void *mutex, void *node)
{
	struct mcs *m = mutex;
	struct mcs_node *self = node, *last;
	struct spinner s = { 0 };

	atomic_store_explicit(&self->next, NULL, memory_order_relaxed);
	atomic_store_explicit(&self->locked, 1, memory_order_relaxed);
	last = atomic_exchange_explicit(&m->tail, self, memory_order_acq_rel);
	if (!last)
		return;
	atomic_store_explicit(&last->next, self, LINK);
	while (atomic_load_explicit(&self->locked, memory_order_acquire))
		spin_once(&s, DEADLINE_NEVER);
}

static int trylock(void *mutex, void *node)
{
	struct mcs *m = mutex;
	struct mcs_node *self = node, *nobody = NULL;

	atomic_store_explicit(&self->next, NULL, memory_order_relaxed);
	return atomic_compare_exchange_strong_explicit(&m->tail, &nobody, self,
						       memory_order_acq_rel,
						       memory_order_relaxed)
		       ? SYNC_OK
		       : SYNC_BUSY;
}

static void unlock(void *mutex, void *node)
{
	struct mcs *m = mutex;
	struct mcs_node *self = node, *next, *last = self;
	struct spinner s = { 0 };

	next = atomic_load_explicit(&self->next, memory_order_acquire);
	if (!next && atomic_compare_exchange_strong_explicit(
			     &m->tail, &last, NULL, memory_order_release,
			     memory_order_relaxed))
		return;
	/* somebody is in the tail and has not yet said who it is */
	while (!(
		next = atomic_load_explicit(&self->next, memory_order_acquire)))
		spin_once(&s, DEADLINE_NEVER);
	atomic_store_explicit(&next->locked, 0, memory_order_release);
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a node is linked before it is ready"),
		.source = "DPDK commits 021b698eb5 and 8357af1cb3",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct mcs),
		.node_size = sizeof(struct mcs_node),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
