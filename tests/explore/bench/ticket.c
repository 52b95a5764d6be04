/* SPDX-License-Identifier: MIT */
/*
 * A ticket lock. Source: D. Reed, R. Kanodia, "Synchronization with
 * eventcounts and sequencers" (CACM 1979).
 */
#include <stdatomic.h>

#ifndef THREADS
#define THREADS 2
#endif

static atomic_uint next, owner;

static void lock(int me)
{
	unsigned mine =
		atomic_fetch_add_explicit(&next, 1, memory_order_relaxed);

	(void)me;
	while (atomic_load_explicit(&owner, memory_order_acquire) != mine)
		;
}

static void unlock(int me)
{
	unsigned mine = atomic_load_explicit(&owner, memory_order_relaxed);

	(void)me;
	atomic_store_explicit(&owner, mine + 1, memory_order_release);
}

#include "_section.h"
