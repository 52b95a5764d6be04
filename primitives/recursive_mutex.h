/* SPDX-License-Identifier: MIT */
/*
 * Recursive mutex: a mutex that its holder may lock again. Python's RLock.
 *
 * Object as for a mutex (`id.size` bytes, all-zero = unlocked unless
 * IMPL_NEEDS_INIT). The owner is a thread; it holds the mutex until it has
 * unlocked as often as it has locked.
 *
 * Memory order: what happens before the outermost unlock happens before the
 * return of every later outermost lock by another thread.
 * Errors are answers, not undefined behaviour: unlock by a thread that does not
 * own it, and a lock that would take the depth beyond max_depth, change
 * nothing.
 */
#ifndef RECURSIVE_MUTEX_H
#define RECURSIVE_MUTEX_H

#include "register.h"

struct recursive_mutex_impl {
	struct implementation id;
	/* The deepest nesting; a power of two - 1, at least 2^16 - 1. */
	unsigned max_depth;
	/* Optional. 0 or SYNC_NO_MEMORY. */
	int (*init)(void *mutex);
	/* Optional. Nobody holds it or waits for it. */
	void (*destroy)(void *mutex);
	/* 0 or SYNC_OVERFLOW. Blocks unless the caller owns it. */
	int (*lock)(void *mutex);
	/* 0, SYNC_BUSY or SYNC_OVERFLOW. Never blocks. */
	int (*trylock)(void *mutex);
	/* 0, SYNC_TIMEOUT or SYNC_OVERFLOW. Who times out takes nobody's turn
	 * along. */
	int (*timedlock)(void *mutex, uint64_t deadline);
	/* 0 or SYNC_NOT_OWNER. */
	int (*unlock)(void *mutex);
	/* How deep the caller holds it; 0 if it does not. */
	unsigned (*depth)(void *mutex);
	/* For conditions: release the whole depth and return it (0 if the
	 * caller does not own it); acquire again, to that depth. */
	unsigned (*release_all)(void *mutex);
	void (*reacquire)(void *mutex, unsigned depth);
};

static ALWAYS_INLINE void recursive_mutex_enter(const void *impl, void *mutex,
						void *node, bool write)
{
	(void)node, (void)write;
	((const struct recursive_mutex_impl *)impl)->lock(mutex);
}

static ALWAYS_INLINE void recursive_mutex_leave(const void *impl, void *mutex,
						void *node, bool write)
{
	(void)node, (void)write;
	((const struct recursive_mutex_impl *)impl)->unlock(mutex);
}

#define REGISTER_RECURSIVE_MUTEX(...)                                          \
	static const struct recursive_mutex_impl implementation = {            \
		__VA_ARGS__                                                    \
	};                                                                     \
	SECTION_BIND(recursive_mutex_enter, recursive_mutex_leave,             \
		     touch_exclusive)                                          \
	REGISTRATION("recursive_mutex", section_bound)

#endif
