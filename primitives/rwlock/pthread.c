/* SPDX-License-Identifier: MIT */
/*
 * The C library's readers-writer lock, with its default preference.
 *
 * Source: POSIX.1-2017, pthread_rwlock_rdlock; pthread_rwlock_clockrdlock is
 * POSIX Issue 8.
 *
 * Progress: with glibc's default (PTHREAD_RWLOCK_PREFER_READER_NP) new readers
 * pass waiting writers, so readers that overlap starve writers. Parks at once.
 * Costs: a call and two atomic read-modify-writes for a reader, more for a
 * writer. All-zero bytes are PTHREAD_RWLOCK_INITIALIZER in glibc and musl.
 */
#include "../posix.h"
#include "../rwlock.h"

static int init(void *rwlock)
{
	return pthread_rwlock_init(rwlock, NULL);
}

static void destroy(void *rwlock)
{
	pthread_rwlock_destroy(rwlock);
}

static inline void rdlock(void *rwlock, void *node)
{
	(void)node;
	/* EAGAIN: too many readers; the others wait */
	while (unlikely(pthread_rwlock_rdlock(rwlock)))
		sched_yield();
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

REGISTER_RWLOCK(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "pthread_rwlock_t of the C library; prefers readers",
		.source = "POSIX.1-2017",
		.flags = IMPL_LARGE,
		.size = sizeof(pthread_rwlock_t),
	},
	.init = init,
	.destroy = destroy,
	.rdlock = rdlock,
	.tryrdlock = tryrdlock,
	.timedrdlock = timedrdlock,
	.wrlock = wrlock,
	.trywrlock = trywrlock,
	.timedwrlock = timedwrlock,
	.unlock = unlock);
