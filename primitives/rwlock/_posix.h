/* SPDX-License-Identifier: MIT */
/*
 * The C library's readers-writer lock: what is the same for all preferences.
 * They differ in the attribute that each file's init passes.
 */
#ifndef RWLOCK_POSIX_H
#define RWLOCK_POSIX_H

#include "../posix.h"
#include "../rwlock.h"

static void destroy(void *rwlock)
{
	pthread_rwlock_destroy(rwlock);
}

static inline void rdlock(void *rwlock, void *node)
{
	(void)node;
	/* EAGAIN: too many readers; the others wait */
	while (unlikely(pthread_rwlock_rdlock(rwlock)))
		yield_core();
}

static inline int tryrdlock(void *rwlock, void *node)
{
	(void)node;
	return pthread_rwlock_tryrdlock(rwlock) ? SYNC_BUSY : SYNC_OK;
}

static int timedrdlock(void *rwlock, void *node, uint64_t deadline)
{
	(void)node;
	return posix_rwlock_timedrdlock(rwlock, deadline) ? SYNC_TIMEOUT
							  : SYNC_OK;
}

static inline void wrlock(void *rwlock, void *node)
{
	(void)node;
	pthread_rwlock_wrlock(rwlock);
}

static inline int trywrlock(void *rwlock, void *node)
{
	(void)node;
	return pthread_rwlock_trywrlock(rwlock) ? SYNC_BUSY : SYNC_OK;
}

static int timedwrlock(void *rwlock, void *node, uint64_t deadline)
{
	(void)node;
	return posix_rwlock_timedwrlock(rwlock, deadline) ? SYNC_TIMEOUT
							  : SYNC_OK;
}

static inline void unlock(void *rwlock, void *node)
{
	(void)node;
	pthread_rwlock_unlock(rwlock);
}

#endif
