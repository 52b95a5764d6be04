/* SPDX-License-Identifier: MIT */
/*
 * Calls with one fault each, to be preloaded: the tests must notice. WRONG in
 * the environment names the fault.
 *
 *	LD_PRELOAD=build/native/posix-wrong.so WRONG=relock build/native/posix
 *
 * Below a fault is the call of the C library.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* In a preloaded library RTLD_NEXT is the C library. Conditions have two
 * versions, of which dlsym may find the older. */
#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))
#define REAL_COND(name)                                                        \
	((__typeof__(&(name)))dlvsym(RTLD_NEXT, #name, "GLIBC_2.3.2"))

static bool wrong(const char *fault)
{
	const char *named = getenv("WRONG");

	return named && !strcmp(named, fault);
}

/* Looks at the object after others may have freed it. Not always, or those who
 * free it are late as well. */
static void look_late(const volatile void *object)
{
	static unsigned calls;

	if (__atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) % 3)
		return;
	for (int i = 0; i < 20; i++)
		sched_yield();
	(void)*(const volatile char *)object;
}

/* The request is acted upon when the call has had its effect. */
#define TOO_LATE(call)                                                         \
	int state, result;                                                     \
                                                                               \
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);                \
	result = call;                                                         \
	pthread_setcancelstate(state, NULL);                                   \
	pthread_testcancel();                                                  \
	return result

/* ------------------------------------------------------------------ mutex */

int pthread_mutex_lock(pthread_mutex_t *m)
{
	int error;

	if (wrong("mutex_cancellable"))
		pthread_testcancel();
	error = REAL(pthread_mutex_lock)(m);
	if (wrong("errno"))
		errno = EAGAIN;
	return error == EDEADLK && wrong("relock") ? 0 : error;
}

int pthread_mutex_trylock(pthread_mutex_t *m)
{
	int error = REAL(pthread_mutex_trylock)(m);

	return error == EBUSY && wrong("trylock") ? 0 : error;
}

int pthread_mutex_timedlock(pthread_mutex_t *m, const struct timespec *until)
{
	struct timespec early = *until;

	if (wrong("early"))
		early.tv_sec--;
	if (wrong("checked_late") && until->tv_nsec < 0)
		early.tv_nsec = 0;
	if (wrong("far_is_near") && until->tv_sec > INT64_MAX / 1000000000)
		early.tv_sec = 0;
	return REAL(pthread_mutex_timedlock)(m, &early);
}

int pthread_mutex_clocklock(pthread_mutex_t *m, clockid_t clock,
			    const struct timespec *until)
{
	if (wrong("one_clock"))
		clock = CLOCK_REALTIME;
	return REAL(pthread_mutex_clocklock)(m, clock, until);
}

int pthread_mutex_unlock(pthread_mutex_t *m)
{
	int error = REAL(pthread_mutex_unlock)(m);

	if (wrong("unlock_late"))
		look_late(m);
	return error == EPERM && wrong("unlock_by_others") ? 0 : error;
}

int pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *a)
{
	return REAL(pthread_mutex_init)(m, wrong("one_type") ? NULL : a);
}

/* -------------------------------------------------------------- condition */

int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
	if (wrong("cond_eats_signal")) {
		TOO_LATE(REAL_COND(pthread_cond_wait)(c, m));
	}
	return REAL_COND(pthread_cond_wait)(c, m);
}

int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m,
			   const struct timespec *until)
{
	int error = REAL_COND(pthread_cond_timedwait)(c, m, until);

	if (error == ETIMEDOUT && wrong("timeout_unlocked"))
		pthread_mutex_unlock(m);
	return error;
}

int pthread_cond_signal(pthread_cond_t *c)
{
	static unsigned calls;

	if (wrong("signal_lost") && ++calls % 16 == 0)
		return 0;
	return REAL_COND(pthread_cond_signal)(c);
}

int pthread_cond_broadcast(pthread_cond_t *c)
{
	return wrong("broadcast") ? REAL_COND(pthread_cond_signal)(c)
				  : REAL_COND(pthread_cond_broadcast)(c);
}

int pthread_cond_destroy(pthread_cond_t *c)
{
	/* does not wait for those on their way out */
	return wrong("destroy_at_once") ? 0
					: REAL_COND(pthread_cond_destroy)(c);
}

/* ----------------------------------------------------------------- rwlock */

int pthread_rwlock_rdlock(pthread_rwlock_t *l)
{
	return wrong("readers_exclude") ? REAL(pthread_rwlock_wrlock)(l)
					: REAL(pthread_rwlock_rdlock)(l);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *l)
{
	return wrong("writers_share") ? REAL(pthread_rwlock_rdlock)(l)
				      : REAL(pthread_rwlock_wrlock)(l);
}

int pthread_rwlock_init(pthread_rwlock_t *l, const pthread_rwlockattr_t *a)
{
	return REAL(pthread_rwlock_init)(l, wrong("rwlock_private") ? NULL : a);
}

/* -------------------------------------------------------------- semaphore */

int sem_wait(sem_t *s)
{
	int error;

	if (wrong("permit_lost")) {
		TOO_LATE(REAL(sem_wait)(s));
	}
	do
		error = REAL(sem_wait)(s);
	while (error && errno == EINTR && wrong("never_eintr"));
	return error;
}

int sem_post(sem_t *s)
{
	int error = REAL(sem_post)(s);

	if (wrong("post_late"))
		look_late(s);
	return error && wrong("overflow") ? 0 : error;
}

/* ------------------------------------------------- barrier, spinlock, once */

int pthread_barrier_wait(pthread_barrier_t *b)
{
	int result = REAL(pthread_barrier_wait)(b);

	if (wrong("barrier_late"))
		look_late(b);
	return wrong("all_serial") ? PTHREAD_BARRIER_SERIAL_THREAD : result;
}

int pthread_spin_lock(pthread_spinlock_t *l)
{
	return wrong("spin_open") ? 0 : REAL(pthread_spin_lock)(l);
}

int pthread_once(pthread_once_t *once, void (*routine)(void))
{
	if (wrong("once_early")) {
		if (!__atomic_exchange_n(once, 1, __ATOMIC_SEQ_CST))
			routine();
		return 0;
	}
	return REAL(pthread_once)(once, routine);
}
