/* SPDX-License-Identifier: MIT */
/*
 * A queue of nodes, each thread spins on its own. Source: J. Mellor-Crummey, M.
 * Scott, "Algorithms for scalable synchronization on shared-memory
 * multiprocessors" (TOCS 1991).
 */
#include <stdatomic.h>
#include <stddef.h>

#ifndef THREADS
#define THREADS 2
#endif

struct node {
	_Atomic(struct node *) next;
	atomic_int waits;
};

static struct node nodes[THREADS];
static _Atomic(struct node *) tail;

static void lock(int me)
{
	struct node *n = &nodes[me], *before;

	atomic_store_explicit(&n->next, NULL, memory_order_relaxed);
	atomic_store_explicit(&n->waits, 1, memory_order_relaxed);
	before = atomic_exchange_explicit(&tail, n, memory_order_acq_rel);
	if (!before)
		return;
	atomic_store_explicit(&before->next, n, memory_order_release);
	while (atomic_load_explicit(&n->waits, memory_order_acquire))
		;
}

static void unlock(int me)
{
	struct node *n = &nodes[me], *last = n, *next;

	next = atomic_load_explicit(&n->next, memory_order_acquire);
	if (!next && atomic_compare_exchange_strong_explicit(
			     &tail, &last, NULL, memory_order_release,
			     memory_order_relaxed))
		return;
	while (!next)
		next = atomic_load_explicit(&n->next, memory_order_acquire);
	atomic_store_explicit(&next->waits, 0, memory_order_release);
}

#include "_section.h"
