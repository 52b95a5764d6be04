/* SPDX-License-Identifier: MIT */
/*
 * A queue in which each thread spins on the node of the one before it. Source:
 * T. Craig, "Building FIFO and priority-queuing spin locks from atomic swap"
 * (University of Washington, TR 93-02-02); P. Magnusson, A. Landin, E.
 * Hagersten, "Queue locks on cache coherent multiprocessors" (IPPS 1994).
 */
#include <stdatomic.h>

#ifndef THREADS
#define THREADS 2
#endif

struct node {
	atomic_int waits;
};

static struct node nodes[THREADS], first;
static _Atomic(struct node *) tail = &first;

static void lock(int me)
{
	struct node *before;

	atomic_store_explicit(&nodes[me].waits, 1, memory_order_relaxed);
	before = atomic_exchange_explicit(&tail, &nodes[me],
					  memory_order_acq_rel);
	while (atomic_load_explicit(&before->waits, memory_order_acquire))
		;
}

static void unlock(int me)
{
	atomic_store_explicit(&nodes[me].waits, 0, memory_order_release);
}

#include "_section.h"
