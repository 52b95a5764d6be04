/* SPDX-License-Identifier: MIT */
/*
 * Readers-writer lock: many readers or one writer. Python has none.
 *
 * Object and node as for a mutex. Whether waiting writers hold back new readers
 * is the implementation's choice, stated in its brief; a reader must therefore
 * not acquire the lock a second time while it holds it.
 *
 * Any number of readers may be inside: a count of them never runs over.
 *
 * Memory order: what happens before a writer's unlock happens before the return
 * of every later rdlock and wrlock; what happens before a reader's unlock
 * happens before the return of every later wrlock.
 */
#ifndef RWLOCK_H
#define RWLOCK_H

#include "register.h"

struct rwlock_impl {
	struct implementation id;
	/* Optional. 0 or SYNC_NO_MEMORY. */
	int (*init)(void *rwlock);
	/* Optional. */
	void (*destroy)(void *rwlock);
	void (*rdlock)(void *rwlock, void *node);
	int (*tryrdlock)(void *rwlock, void *node); /* 0, SYNC_BUSY */
	/* 0, SYNC_TIMEOUT; a lock that can be had is had, however late; one
	 * that cannot is waited for until the deadline, and no longer, whoever
	 * comes and goes and however often the wait is interrupted */
	int (*timedrdlock)(void *rwlock, void *node, uint64_t deadline);
	void (*wrlock)(void *rwlock, void *node);
	int (*trywrlock)(void *rwlock, void *node); /* 0, SYNC_BUSY */
	int (*timedwrlock)(void *rwlock, void *node, uint64_t deadline);
	/* By a reader or the writer; the lock knows which. */
	void (*unlock)(void *rwlock, void *node);
};

static ALWAYS_INLINE void rwlock_enter(const void *impl, void *rwlock,
				       void *node, bool write)
{
	const struct rwlock_impl *i = impl;

	if (write)
		i->wrlock(rwlock, node);
	else
		i->rdlock(rwlock, node);
}

static ALWAYS_INLINE void rwlock_leave(const void *impl, void *rwlock,
				       void *node, bool write)
{
	(void)write;
	((const struct rwlock_impl *)impl)->unlock(rwlock, node);
}

#define REGISTER_RWLOCK(...)                                                   \
	static const struct rwlock_impl implementation = { __VA_ARGS__ };      \
	SECTION_BIND(rwlock_enter, rwlock_leave, touch_read_write)             \
	REGISTRATION("rwlock", section_bound)

#endif
