/* SPDX-License-Identifier: MIT */
/*
 * A number that no other thread has had or will have. Unlike an address or a
 * kernel id it is not used again: a mutex whose holder has ended stays held and
 * does not fall to a newcomer. 2^64 are enough. 0 is nobody.
 *
 * Source: the same change, for the same reason, in Rust's ReentrantLock (2024).
 * Costs: one thread-local load and a branch.
 */
#ifndef THREAD_ID_H
#define THREAD_ID_H

#include "../sync.h"

static _Thread_local uint64_t thread_id;

static COLD uint64_t new_thread_id(void)
{
	static _Atomic uint64_t last;

	/* relaxed: it is the number that counts, it publishes nothing */
	thread_id =
		atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
	return thread_id;
}

static ALWAYS_INLINE uint64_t self(void)
{
	return likely(thread_id) ? thread_id : new_thread_id();
}

#endif
