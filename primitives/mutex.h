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
 * Not recursive: a second lock by the holder waits for ever, a timedlock until
 * its deadline, a trylock is SYNC_BUSY.
 * A waiter that times out takes nobody's turn along: those behind it get
 * theirs, and with IMPL_FIFO in the order of their arrival.
 *
 * Delegation: call is lock, the section, unlock, except that another thread
 * that holds the mutex may run the section in the caller's stead. It excludes,
 * and is ordered with, all other sections and all that is between lock and
 * unlock, as if it had been locked; what the caller did before call happens
 * before the section, and the section before the return of call. The section
 * uses nothing of the thread's own, and neither locks nor calls this mutex. A
 * thread may still run the sections of others when theirs have returned: who
 * destroys the mutex knows that every call has returned.
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
	/* Optional: run section(argument) as one critical section, perhaps in
	 * another thread; returns when it has been run. NULL where it would
	 * always be run here: then it is lock, the section, unlock. */
	void (*call)(void *mutex, void *node, void (*section)(void *),
		     void *argument);
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

static ALWAYS_INLINE void mutex_call(const void *impl, void *mutex, void *node,
				     section_function *section, void *argument)
{
	((const struct mutex_impl *)impl)->call(mutex, node, section, argument);
}

/* The hot loop, with the sections delegated where the mutex can do that. */
static ALWAYS_INLINE void mutex_loop(struct section *s, const void *impl,
				     bool logged)
{
	if (((const struct mutex_impl *)impl)->call)
		section_loop_call(s, impl, mutex_call, logged);
	else
		section_loop(s, impl, mutex_enter, mutex_leave, touch_exclusive,
			     logged);
}

#define REGISTER_MUTEX(...)                                                    \
	static const struct mutex_impl implementation = { __VA_ARGS__ };       \
	SECTION_BIND_LOOP(mutex_loop)                                          \
	REGISTRATION("mutex", section_bound)

#endif
