/* SPDX-License-Identifier: MIT */
/*
 * The calls that can block, so that a rule that holds for many of them is
 * written once: timed.c, signals.c and cancel_not.c go through the lists below.
 */
#ifndef CALLS_H
#define CALLS_H

#include "posix.h"

struct call {
	clockid_t clock;
	void (*hold)(void);    /* from now on wait() blocks */
	void (*release)(void); /* until now; by the thread that called hold */
	void (*undo)(void);    /* after a wait() that returned 0 */
	/* The call itself, as an error number; the untimed ignore `until`. */
	int (*wait)(clockid_t clock, const struct timespec *until);
};

/* X(name, page) */

#define UNTIMED_CALLS(X)                                                       \
	X(mutex_lock, "pthread_mutex_lock")                                    \
	X(rwlock_rdlock, "pthread_rwlock_rdlock")                              \
	X(rwlock_wrlock, "pthread_rwlock_wrlock")                              \
	X(rwlock_wrlock_reader, "pthread_rwlock_wrlock")                       \
	X(barrier_wait, "pthread_barrier_wait")                                \
	X(spin_lock, "pthread_spin_lock")                                      \
	X(once, "pthread_once")

/* Those whose clock is an argument. */
#define MUTEX_CLOCK_CALLS(X)                                                   \
	X(mutex_clocklock_realtime, "pthread_mutex_clocklock")                 \
	X(mutex_clocklock_monotonic, "pthread_mutex_clocklock")

#define RWLOCK_CLOCK_CALLS(X)                                                  \
	X(rwlock_clockrdlock_realtime, "pthread_rwlock_clockrdlock")           \
	X(rwlock_clockrdlock_monotonic, "pthread_rwlock_clockrdlock")          \
	X(rwlock_clockwrlock_realtime, "pthread_rwlock_clockwrlock")           \
	X(rwlock_clockwrlock_monotonic, "pthread_rwlock_clockwrlock")

#define COND_CLOCK_CALLS(X)                                                    \
	X(cond_clockwait_realtime, "pthread_cond_clockwait")                   \
	X(cond_clockwait_monotonic, "pthread_cond_clockwait")

#define SEM_CLOCK_CALLS(X)                                                     \
	X(sem_clockwait_realtime, "sem_clockwait")                             \
	X(sem_clockwait_monotonic, "sem_clockwait")

/* What locks something, until a time. */
#define TIMED_LOCK_CALLS(X)                                                    \
	X(mutex_timedlock, "pthread_mutex_timedlock")                          \
	MUTEX_CLOCK_CALLS(X)                                                   \
	X(rwlock_timedrdlock, "pthread_rwlock_timedrdlock")                    \
	X(rwlock_timedwrlock, "pthread_rwlock_timedwrlock")                    \
	RWLOCK_CLOCK_CALLS(X)

#define TIMED_COND_CALLS(X)                                                    \
	X(cond_timedwait, "pthread_cond_timedwait")                            \
	X(cond_timedwait_monotonic, "pthread_condattr_setclock")               \
	COND_CLOCK_CALLS(X)

#define TIMED_SEM_CALLS(X)                                                     \
	X(sem_timedwait, "sem_timedwait")                                      \
	SEM_CLOCK_CALLS(X)

#define COND_CALLS(X)                                                          \
	X(cond_wait, "pthread_cond_wait")                                      \
	TIMED_COND_CALLS(X)

#define SEM_CALLS(X)                                                           \
	X(sem_wait, "sem_wait")                                                \
	TIMED_SEM_CALLS(X)

#define DECLARE(name, page) extern const struct call call_##name;
UNTIMED_CALLS(DECLARE)
TIMED_LOCK_CALLS(DECLARE)
COND_CALLS(DECLARE)
SEM_CALLS(DECLARE)
#undef DECLARE

/* The cond of cond_* and its mutex, an errorcheck one, for tests that look
 * closer. cond_hold makes both. */
extern pthread_mutex_t cond_mutex;
extern sem_t call_sem;
extern _Atomic bool cond_flag; /* what waiters wait for */

/* A thread that makes the call; what it returned is its result. `until` may be
 * NULL: never. */
struct caller {
	struct thread thread;
	const struct call *call;
	struct timespec until;
	int error;
	bool errno_kept;
};

void call_start(struct caller *c, const struct call *call,
		const struct timespec *until);

#endif
