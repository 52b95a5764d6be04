/* SPDX-License-Identifier: MIT */
/*
 * Mutex: at most one thread is between lock and unlock. Python's Lock.
 *
 * The object is `id.size` bytes, aligned to 16; all-zero bytes are an unlocked
 * mutex unless IMPL_NEEDS_INIT. node is `id.node_size` bytes of the caller's,
 * zeroed once, the same pointer for lock and its unlock, in use until unlock
 * returns; one node serves one held mutex at a time.
 *
 * Memory order: what happens before unlock happens before the return of every
 * later successful lock, trylock or timedlock of the same mutex.
 * After unlock returns to anyone, the mutex may be destroyed and its memory
 * freed by whoever knows that nobody will use it: unlock does not touch the
 * object once it is free (a futex wake on the address is no touch).
 * Not recursive: a second lock by the holder waits for ever.
 */
#ifndef MUTEX_H
#define MUTEX_H

#include "register.h"

struct mutex_impl {
	struct implementation id;
	/* Optional. 0 or SYNC_NO_MEMORY. */
	int (*init)(void *mutex);
	/* Optional. Nobody holds it or waits for it. */
	void (*destroy)(void *mutex);
	/* Blocks until acquired. */
	void (*lock)(void *mutex, void *node);
	/* Never blocks. 0 or SYNC_BUSY. */
	int (*trylock)(void *mutex, void *node);
	/* Blocks until acquired or the deadline has passed. A free mutex is
	 * acquired even if the deadline is long past. 0 or SYNC_TIMEOUT. */
	int (*timedlock)(void *mutex, void *node, uint64_t deadline);
	/* The caller holds it. */
	void (*unlock)(void *mutex, void *node);
};

static ALWAYS_INLINE void mutex_enter(const void *impl, void *mutex, void *node,
				      bool write)
{
	(void)write;
	((const struct mutex_impl *)impl)->lock(mutex, node);
}

static ALWAYS_INLINE void mutex_leave(const void *impl, void *mutex, void *node,
				      bool write)
{
	(void)write;
	((const struct mutex_impl *)impl)->unlock(mutex, node);
}

#define REGISTER_MUTEX(...)                                                    \
	static const struct mutex_impl implementation = { __VA_ARGS__ };       \
	SECTION_BIND(mutex_enter, mutex_leave, touch_exclusive)                \
	REGISTRATION("mutex", section_bound)

#endif
