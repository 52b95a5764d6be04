/* SPDX-License-Identifier: MIT */
/*
 * The C library's mutex: what everything else is compared with.
 *
 * Source: POSIX.1-2017, pthread_mutex_lock; pthread_mutex_clocklock is POSIX
 * Issue 8. glibc 2.36 implements Drepper's mutex2 and does not spin.
 *
 * Progress: barging, parks at once. Costs: a call and two atomic
 * read-modify-writes uncontended, plus the look at the mutex type.
 */
#include "../mutex.h"
#include "../posix.h"

static int init(void *mutex)
{
	return pthread_mutex_init(mutex, NULL);
}

static void destroy(void *mutex)
{
	pthread_mutex_destroy(mutex);
}

static inline void lock(void *mutex, void *node)
{
	(void)node;
	pthread_mutex_lock(mutex);
}

static inline int trylock(void *mutex, void *node)
{
	(void)node;
	return pthread_mutex_trylock(mutex);
}

static int timedlock(void *mutex, void *node, uint64_t deadline)
{
	(void)node;
	return posix_mutex_timedlock(mutex, deadline);
}

static inline void unlock(void *mutex, void *node)
{
	(void)node;
	pthread_mutex_unlock(mutex);
}

REGISTER_MUTEX(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "pthread_mutex_t of the C library",
		.source = "POSIX.1-2017",
		.size = sizeof(pthread_mutex_t),
	},
	.init = init,
	.destroy = destroy,
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock);
