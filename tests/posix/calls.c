/* SPDX-License-Identifier: MIT */
/*
 * One object of each kind, and how to make each call on it block.
 */
#include "calls.h"

/* ------------------------------------------------------------------ mutex */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void mutex_hold(void)
{
	CHECK(pthread_mutex_lock(&mutex), 0);
}

static void mutex_release(void)
{
	CHECK(pthread_mutex_unlock(&mutex), 0);
}

static int mutex_lock(clockid_t clock, const struct timespec *until)
{
	(void)clock;
	(void)until;
	return pthread_mutex_lock(&mutex);
}

static int mutex_timedlock(clockid_t clock, const struct timespec *until)
{
	(void)clock;
	return pthread_mutex_timedlock(&mutex, until);
}

static int mutex_clocklock(clockid_t clock, const struct timespec *until)
{
	return pthread_mutex_clocklock(&mutex, clock, until);
}

#define MUTEX_CALL(name, clock_, wait_)                                        \
	const struct call call_##name = { clock_, mutex_hold, mutex_release,   \
					  mutex_release, wait_ }

MUTEX_CALL(mutex_lock, CLOCK_REALTIME, mutex_lock);
MUTEX_CALL(mutex_timedlock, CLOCK_REALTIME, mutex_timedlock);
MUTEX_CALL(mutex_clocklock_realtime, CLOCK_REALTIME, mutex_clocklock);
MUTEX_CALL(mutex_clocklock_monotonic, CLOCK_MONOTONIC, mutex_clocklock);

/* ----------------------------------------------------------------- rwlock */

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

static void rwlock_hold(void)
{
	CHECK(pthread_rwlock_wrlock(&rwlock), 0);
}

static void rwlock_hold_reading(void)
{
	CHECK(pthread_rwlock_rdlock(&rwlock), 0);
}

static void rwlock_release(void)
{
	CHECK(pthread_rwlock_unlock(&rwlock), 0);
}

static int rwlock_rdlock(clockid_t clock, const struct timespec *until)
{
	(void)clock;
	(void)until;
	return pthread_rwlock_rdlock(&rwlock);
}

static int rwlock_wrlock(clockid_t clock, const struct timespec *until)
{
	(void)clock;
	(void)until;
	return pthread_rwlock_wrlock(&rwlock);
}

static int rwlock_timedrdlock(clockid_t clock, const struct timespec *until)
{
	(void)clock;
	return pthread_rwlock_timedrdlock(&rwlock, until);
}

static int rwlock_timedwrlock(clockid_t clock, const struct timespec *until)
{
	(void)clock;
	return pthread_rwlock_timedwrlock(&rwlock, until);
}

static int rwlock_clockrdlock(clockid_t clock, const struct timespec *until)
{
	return pthread_rwlock_clockrdlock(&rwlock, clock, until);
}

static int rwlock_clockwrlock(clockid_t clock, const struct timespec *until)
{
	return pthread_rwlock_clockwrlock(&rwlock, clock, until);
}

#define RWLOCK_CALL(name, clock_, hold_, wait_)                                \
	const struct call call_##name = { clock_, hold_, rwlock_release,       \
					  rwlock_release, wait_ }

RWLOCK_CALL(rwlock_rdlock, CLOCK_REALTIME, rwlock_hold, rwlock_rdlock);
RWLOCK_CALL(rwlock_wrlock, CLOCK_REALTIME, rwlock_hold, rwlock_wrlock);
RWLOCK_CALL(rwlock_wrlock_reader, CLOCK_REALTIME, rwlock_hold_reading,
	    rwlock_wrlock);
RWLOCK_CALL(rwlock_timedrdlock, CLOCK_REALTIME, rwlock_hold,
	    rwlock_timedrdlock);
RWLOCK_CALL(rwlock_timedwrlock, CLOCK_REALTIME, rwlock_hold_reading,
	    rwlock_timedwrlock);
RWLOCK_CALL(rwlock_clockrdlock_realtime, CLOCK_REALTIME, rwlock_hold,
	    rwlock_clockrdlock);
RWLOCK_CALL(rwlock_clockrdlock_monotonic, CLOCK_MONOTONIC, rwlock_hold,
	    rwlock_clockrdlock);
RWLOCK_CALL(rwlock_clockwrlock_realtime, CLOCK_REALTIME, rwlock_hold,
	    rwlock_clockwrlock);
RWLOCK_CALL(rwlock_clockwrlock_monotonic, CLOCK_MONOTONIC, rwlock_hold_reading,
	    rwlock_clockwrlock);

/* -------------------------------------------------------------- condition */

pthread_mutex_t cond_mutex;
_Atomic bool cond_flag;
static pthread_cond_t cond;

static void cond_make(clockid_t clock)
{
	static bool made;
	pthread_condattr_t of_cond;
	pthread_mutexattr_t of_mutex;

	if (made) {
		CHECK(pthread_cond_destroy(&cond), 0);
		CHECK(pthread_mutex_destroy(&cond_mutex), 0);
	}
	made = true;
	cond_flag = false;
	CHECK(pthread_condattr_init(&of_cond), 0);
	CHECK(pthread_condattr_setclock(&of_cond, clock), 0);
	CHECK(pthread_cond_init(&cond, &of_cond), 0);
	CHECK(pthread_condattr_destroy(&of_cond), 0);
	CHECK(pthread_mutexattr_init(&of_mutex), 0);
	CHECK(pthread_mutexattr_settype(&of_mutex, PTHREAD_MUTEX_ERRORCHECK),
	      0);
	CHECK(pthread_mutex_init(&cond_mutex, &of_mutex), 0);
	CHECK(pthread_mutexattr_destroy(&of_mutex), 0);
}

static void cond_hold(void)
{
	cond_make(CLOCK_REALTIME);
}

static void cond_hold_monotonic(void)
{
	cond_make(CLOCK_MONOTONIC);
}

static void cond_release(void)
{
	CHECK(pthread_mutex_lock(&cond_mutex), 0);
	cond_flag = true;
	CHECK(pthread_cond_signal(&cond), 0);
	CHECK(pthread_mutex_unlock(&cond_mutex), 0);
}

static void cond_undo(void)
{
}

static void cond_unlock(void *result)
{
	/* an errorcheck mutex knows whether we hold it */
	CHECK(pthread_mutex_unlock(&cond_mutex), 0);
	(void)result;
}

typedef int wait_once(clockid_t clock, const struct timespec *until);

/* A return without a signal is allowed, an error is the result. */
static int wait_for_flag(wait_once *one, clockid_t clock,
			 const struct timespec *until)
{
	int error = 0;

	while (!cond_flag && !error)
		error = one(clock, until);
	return error;
}

static int cond_waits(wait_once *one, clockid_t clock,
		      const struct timespec *until)
{
	int error;

	CHECK(pthread_mutex_lock(&cond_mutex), 0);
	pthread_cleanup_push(cond_unlock, NULL);
	error = wait_for_flag(one, clock, until);
	pthread_cleanup_pop(1);
	return error;
}

static int one_wait(clockid_t clock, const struct timespec *until)
{
	(void)clock;
	(void)until;
	return pthread_cond_wait(&cond, &cond_mutex);
}

static int one_timedwait(clockid_t clock, const struct timespec *until)
{
	(void)clock;
	return pthread_cond_timedwait(&cond, &cond_mutex, until);
}

static int one_clockwait(clockid_t clock, const struct timespec *until)
{
	return pthread_cond_clockwait(&cond, &cond_mutex, clock, until);
}

static int cond_wait(clockid_t clock, const struct timespec *until)
{
	return cond_waits(one_wait, clock, until);
}

static int cond_timedwait(clockid_t clock, const struct timespec *until)
{
	return cond_waits(one_timedwait, clock, until);
}

static int cond_clockwait(clockid_t clock, const struct timespec *until)
{
	return cond_waits(one_clockwait, clock, until);
}

#define COND_CALL(name, clock_, hold_, wait_)                                  \
	const struct call call_##name = { clock_, hold_, cond_release,         \
					  cond_undo, wait_ }

COND_CALL(cond_wait, CLOCK_REALTIME, cond_hold, cond_wait);
COND_CALL(cond_timedwait, CLOCK_REALTIME, cond_hold, cond_timedwait);
COND_CALL(cond_timedwait_monotonic, CLOCK_MONOTONIC, cond_hold_monotonic,
	  cond_timedwait);
/* the attribute says the other clock, and does not count */
COND_CALL(cond_clockwait_realtime, CLOCK_REALTIME, cond_hold_monotonic,
	  cond_clockwait);
COND_CALL(cond_clockwait_monotonic, CLOCK_MONOTONIC, cond_hold, cond_clockwait);

/* -------------------------------------------------------------- semaphore */

sem_t call_sem;

static void sem_hold(void)
{
	static bool made;

	if (made)
		CHECK_ERRNO(sem_destroy(&call_sem), 0);
	made = true;
	CHECK_ERRNO(sem_init(&call_sem, 0, 0), 0);
}

static void sem_release(void)
{
	CHECK_ERRNO(sem_post(&call_sem), 0);
}

static int sem_waits(clockid_t clock, const struct timespec *until)
{
	(void)clock;
	(void)until;
	return sem_wait(&call_sem) ? errno : 0;
}

static int sem_timed(clockid_t clock, const struct timespec *until)
{
	(void)clock;
	return sem_timedwait(&call_sem, until) ? errno : 0;
}

static int sem_clocked(clockid_t clock, const struct timespec *until)
{
	return sem_clockwait(&call_sem, clock, until) ? errno : 0;
}

#define SEM_CALL(name, clock_, wait_)                                          \
	const struct call call_##name = { clock_, sem_hold, sem_release,       \
					  sem_release, wait_ }

SEM_CALL(sem_wait, CLOCK_REALTIME, sem_waits);
SEM_CALL(sem_timedwait, CLOCK_REALTIME, sem_timed);
SEM_CALL(sem_clockwait_realtime, CLOCK_REALTIME, sem_clocked);
SEM_CALL(sem_clockwait_monotonic, CLOCK_MONOTONIC, sem_clocked);

/* ------------------------------------------------- barrier, spinlock, once */

static pthread_barrier_t barrier;

static void barrier_hold(void)
{
	CHECK(pthread_barrier_init(&barrier, NULL, 2), 0);
}

static void barrier_release(void)
{
	int error = pthread_barrier_wait(&barrier);

	TRUE(error == 0 || error == PTHREAD_BARRIER_SERIAL_THREAD);
}

static int barrier_waits(clockid_t clock, const struct timespec *until)
{
	int error = pthread_barrier_wait(&barrier);

	(void)clock;
	(void)until;
	return error == PTHREAD_BARRIER_SERIAL_THREAD ? 0 : error;
}

static void nothing(void)
{
}

const struct call call_barrier_wait = { CLOCK_REALTIME, barrier_hold,
					barrier_release, nothing,
					barrier_waits };

static pthread_spinlock_t spinlock;

static void spin_hold(void)
{
	CHECK(pthread_spin_init(&spinlock, PTHREAD_PROCESS_PRIVATE), 0);
	CHECK(pthread_spin_lock(&spinlock), 0);
}

static void spin_release(void)
{
	CHECK(pthread_spin_unlock(&spinlock), 0);
}

static int spin_waits(clockid_t clock, const struct timespec *until)
{
	(void)clock;
	(void)until;
	return pthread_spin_lock(&spinlock);
}

const struct call call_spin_lock = { CLOCK_REALTIME, spin_hold, spin_release,
				     spin_release, spin_waits };

/* The first caller's routine takes until release. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct thread once_first;
static _Atomic int once_running, once_let_go;

static void once_routine(void)
{
	once_running = 1;
	await(&once_let_go, 1);
}

static void *once_body(void *argument)
{
	CHECK(pthread_once(&once, once_routine), 0);
	return argument;
}

static void once_hold(void)
{
	start(&once_first, once_body, NULL);
	await(&once_running, 1);
}

static void once_release(void)
{
	once_let_go = 1;
	join(&once_first);
}

static int once_waits(clockid_t clock, const struct timespec *until)
{
	(void)clock;
	(void)until;
	return pthread_once(&once, once_routine);
}

const struct call call_once = { CLOCK_REALTIME, once_hold, once_release,
				nothing, once_waits };

/* ------------------------------------------------------------- the caller */

static void *make_call(void *argument)
{
	struct caller *c = argument;

	errno = ERANGE;
	entering();
	c->error = c->call->wait(c->call->clock, &c->until);
	c->errno_kept = errno == ERANGE;
	if (c->error == 0)
		c->call->undo();
	return NULL;
}

void call_start(struct caller *c, const struct call *call,
		const struct timespec *until)
{
	c->call = call;
	c->until = until ? *until : never(call->clock);
	start(&c->thread, make_call, c);
}
