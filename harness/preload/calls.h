/* SPDX-License-Identifier: MIT */
/*
 * Every call that the interposer answers, once: the table of answers, the
 * exported functions, their first calls and the C library's own are all made
 * from this list (calls.c, libc.c).
 *
 * A program's call is one jump through `answers`. Which function stands there
 * is settled before the program begins (start.c): the C library's, that of a
 * kind's file (mutex.c, cond.c, ...), and the profile's above those.
 */
#ifndef CALLS_H
#define CALLS_H

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

/* CALL(result, name, parameters, arguments) */
#define MUTEX_CALLS(CALL)                                                      \
	CALL(int, pthread_mutex_init,                                          \
	     (pthread_mutex_t * m, const pthread_mutexattr_t *attributes),     \
	     (m, attributes))                                                  \
	CALL(int, pthread_mutex_destroy, (pthread_mutex_t * m), (m))           \
	CALL(int, pthread_mutex_lock, (pthread_mutex_t * m), (m))              \
	CALL(int, pthread_mutex_trylock, (pthread_mutex_t * m), (m))           \
	CALL(int, pthread_mutex_timedlock,                                     \
	     (pthread_mutex_t * m, const struct timespec *until), (m, until))  \
	CALL(int, pthread_mutex_clocklock,                                     \
	     (pthread_mutex_t * m, clockid_t clock,                            \
	      const struct timespec *until),                                   \
	     (m, clock, until))                                                \
	CALL(int, pthread_mutex_unlock, (pthread_mutex_t * m), (m))

#define COND_CALLS(CALL)                                                       \
	CALL(int, pthread_cond_init,                                           \
	     (pthread_cond_t * c, const pthread_condattr_t *attributes),       \
	     (c, attributes))                                                  \
	CALL(int, pthread_cond_destroy, (pthread_cond_t * c), (c))             \
	CALL(int, pthread_cond_wait,                                           \
	     (pthread_cond_t * c, pthread_mutex_t * m), (c, m))                \
	CALL(int, pthread_cond_timedwait,                                      \
	     (pthread_cond_t * c, pthread_mutex_t * m,                         \
	      const struct timespec *until),                                   \
	     (c, m, until))                                                    \
	CALL(int, pthread_cond_clockwait,                                      \
	     (pthread_cond_t * c, pthread_mutex_t * m, clockid_t clock,        \
	      const struct timespec *until),                                   \
	     (c, m, clock, until))                                             \
	CALL(int, pthread_cond_signal, (pthread_cond_t * c), (c))              \
	CALL(int, pthread_cond_broadcast, (pthread_cond_t * c), (c))

#define RWLOCK_CALLS(CALL)                                                     \
	CALL(int, pthread_rwlock_init,                                         \
	     (pthread_rwlock_t * l, const pthread_rwlockattr_t *attributes),   \
	     (l, attributes))                                                  \
	CALL(int, pthread_rwlock_destroy, (pthread_rwlock_t * l), (l))         \
	CALL(int, pthread_rwlock_rdlock, (pthread_rwlock_t * l), (l))          \
	CALL(int, pthread_rwlock_tryrdlock, (pthread_rwlock_t * l), (l))       \
	CALL(int, pthread_rwlock_timedrdlock,                                  \
	     (pthread_rwlock_t * l, const struct timespec *until), (l, until)) \
	CALL(int, pthread_rwlock_clockrdlock,                                  \
	     (pthread_rwlock_t * l, clockid_t clock,                           \
	      const struct timespec *until),                                   \
	     (l, clock, until))                                                \
	CALL(int, pthread_rwlock_wrlock, (pthread_rwlock_t * l), (l))          \
	CALL(int, pthread_rwlock_trywrlock, (pthread_rwlock_t * l), (l))       \
	CALL(int, pthread_rwlock_timedwrlock,                                  \
	     (pthread_rwlock_t * l, const struct timespec *until), (l, until)) \
	CALL(int, pthread_rwlock_clockwrlock,                                  \
	     (pthread_rwlock_t * l, clockid_t clock,                           \
	      const struct timespec *until),                                   \
	     (l, clock, until))                                                \
	CALL(int, pthread_rwlock_unlock, (pthread_rwlock_t * l), (l))

#define SEMAPHORE_CALLS(CALL)                                                  \
	CALL(int, sem_init, (sem_t * s, int shared, unsigned value),           \
	     (s, shared, value))                                               \
	CALL(int, sem_destroy, (sem_t * s), (s))                               \
	CALL(int, sem_wait, (sem_t * s), (s))                                  \
	CALL(int, sem_trywait, (sem_t * s), (s))                               \
	CALL(int, sem_timedwait, (sem_t * s, const struct timespec *until),    \
	     (s, until))                                                       \
	CALL(int, sem_clockwait,                                               \
	     (sem_t * s, clockid_t clock, const struct timespec *until),       \
	     (s, clock, until))                                                \
	CALL(int, sem_post, (sem_t * s), (s))                                  \
	CALL(int, sem_getvalue, (sem_t * s, int *value), (s, value))

#define BARRIER_CALLS(CALL)                                                    \
	CALL(int, pthread_barrier_init,                                        \
	     (pthread_barrier_t * b, const pthread_barrierattr_t *attributes,  \
	      unsigned count),                                                 \
	     (b, attributes, count))                                           \
	CALL(int, pthread_barrier_destroy, (pthread_barrier_t * b), (b))       \
	CALL(int, pthread_barrier_wait, (pthread_barrier_t * b), (b))

#define SPIN_CALLS(CALL)                                                       \
	CALL(int, pthread_spin_init, (pthread_spinlock_t * l, int shared),     \
	     (l, shared))                                                      \
	CALL(int, pthread_spin_destroy, (pthread_spinlock_t * l), (l))         \
	CALL(int, pthread_spin_lock, (pthread_spinlock_t * l), (l))            \
	CALL(int, pthread_spin_trylock, (pthread_spinlock_t * l), (l))         \
	CALL(int, pthread_spin_unlock, (pthread_spinlock_t * l), (l))

#define ONCE_CALLS(CALL)                                                       \
	CALL(int, pthread_once,                                                \
	     (pthread_once_t * once, void (*routine)(void)), (once, routine))

/* Not of a kind: needed to answer the others. */
#define THREAD_CALLS(CALL)                                                     \
	CALL(int, pthread_cancel, (pthread_t thread), (thread))                \
	CALL(int, __register_atfork,                                           \
	     (void (*prepare)(void), void (*parent)(void),                     \
	      void (*child)(void), void *object),                              \
	     (prepare, parent, child, object))

#define ALL_CALLS(CALL)                                                        \
	MUTEX_CALLS(CALL)                                                      \
	COND_CALLS(CALL)                                                       \
	RWLOCK_CALLS(CALL)                                                     \
	SEMAPHORE_CALLS(CALL)                                                  \
	BARRIER_CALLS(CALL)                                                    \
	SPIN_CALLS(CALL)                                                       \
	ONCE_CALLS(CALL)                                                       \
	THREAD_CALLS(CALL)

#define CALLS_MEMBER(result, name, parameters, arguments)                      \
	result(*name) parameters;

struct calls {
	ALL_CALLS(CALLS_MEMBER)
};

/* The program's calls end here. Constant once the library has started. */
extern struct calls answers;
/* The same without the profile: for calls that are part of another one. */
extern struct calls below;
/* The C library's own. */
extern struct calls libc;

/* Fill in libc. Allocates nothing where the C library has all the calls. */
void libc_find(void);

#endif
