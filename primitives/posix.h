/* SPDX-License-Identifier: MIT */
/*
 * POSIX's waits with a CLOCK_MONOTONIC deadline, for the pthread family.
 *
 * ThreadSanitizer of gcc 12 and clang 14 intercepts the CLOCK_REALTIME forms
 * but not these (only pthread_cond_clockwait), so it would miss the acquire and
 * report races that are none: here it is told. Results as in sync.h.
 */
#ifndef POSIX_H
#define POSIX_H

#include <pthread.h>
#include <semaphore.h>

#include "sync.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN 1
#endif

#ifdef UNDER_TSAN
#include <sanitizer/tsan_interface.h>

#define POSIX_LOCK(object, flags, call)                                        \
	({                                                                     \
		int r_;                                                        \
		__tsan_mutex_pre_lock(object,                                  \
				      (flags) | __tsan_mutex_try_lock);        \
		r_ = call;                                                     \
		__tsan_mutex_post_lock(                                        \
			object,                                                \
			(flags) | (r_ ? __tsan_mutex_try_lock_failed           \
				      : __tsan_mutex_try_lock),                \
			0);                                                    \
		r_;                                                            \
	})
#define POSIX_ACQUIRED(object) __tsan_acquire(object)
#else
#define POSIX_LOCK(object, flags, call) (call)
#define POSIX_ACQUIRED(object)		((void)(object))
#endif

static inline int posix_mutex_timedlock(pthread_mutex_t *m, uint64_t deadline)
{
	struct timespec t = deadline_timespec(deadline);

	return POSIX_LOCK(m, 0,
			  pthread_mutex_clocklock(m, CLOCK_MONOTONIC, &t));
}

static inline int posix_rwlock_timedrdlock(pthread_rwlock_t *l,
					   uint64_t deadline)
{
	struct timespec t = deadline_timespec(deadline);

	return POSIX_LOCK(l, __tsan_mutex_read_lock,
			  pthread_rwlock_clockrdlock(l, CLOCK_MONOTONIC, &t));
}

static inline int posix_rwlock_timedwrlock(pthread_rwlock_t *l,
					   uint64_t deadline)
{
	struct timespec t = deadline_timespec(deadline);

	return POSIX_LOCK(l, 0,
			  pthread_rwlock_clockwrlock(l, CLOCK_MONOTONIC, &t));
}

/* 0 or SYNC_TIMEOUT; a return without a signal is 0. */
static inline int posix_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m,
				       uint64_t deadline)
{
	struct timespec t = deadline_timespec(deadline);

	if (deadline == DEADLINE_NEVER)
		return pthread_cond_wait(c, m);
	return pthread_cond_clockwait(c, m, CLOCK_MONOTONIC, &t);
}

/* 0 or SYNC_TIMEOUT; goes on waiting after a signal handler has run. */
static inline int posix_sem_timedwait(sem_t *s, uint64_t deadline)
{
	struct timespec t = deadline_timespec(deadline);

	while (sem_clockwait(s, CLOCK_MONOTONIC, &t))
		if (errno != EINTR)
			return errno;
	POSIX_ACQUIRED(s);
	return SYNC_OK;
}

#endif
