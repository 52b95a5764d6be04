/* SPDX-License-Identifier: MIT */
/*
 * Test and test-and-set. Source: L. Rudolph, Z. Segall, "Dynamic decentralized
 * cache schemes for MIMD parallel processors" (ISCA 1984).
 */
#include <stdatomic.h>

#ifndef THREADS
#define THREADS 2
#endif

static atomic_int taken;

static void lock(int me)
{
	(void)me;
	do {
		while (atomic_load_explicit(&taken, memory_order_relaxed))
			;
	} while (atomic_exchange_explicit(&taken, 1, memory_order_acquire));
}

static void unlock(int me)
{
	(void)me;
	atomic_store_explicit(&taken, 0, memory_order_release);
}

#include "_section.h"
