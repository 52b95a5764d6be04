/* SPDX-License-Identifier: MIT */
/*
 * Waits for a POSIX condition that return without a signal, as POSIX allows at
 * any time. By --wrap: see memory.c.
 */
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "../../../primitives/sync.h"
#include "chance.h"
#include "faults.h"

static unsigned rarity; /* 0: never */

void cond_faults_begin(void)
{
	rarity = 2u << chance(4);
}

/* As a wait that is woken at once: others may take the mutex in between. */
static bool spurious(pthread_mutex_t *mutex)
{
	if (likely(!rarity) || !one_in(rarity))
		return false;
	pthread_mutex_unlock(mutex);
	sched_yield();
	pthread_mutex_lock(mutex);
	return true;
}

/* Names that the linker gives. */
int __real_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int __real_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
				  const struct timespec *deadline);
int __real_pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
				  clockid_t clock,
				  const struct timespec *deadline);
int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
				  const struct timespec *deadline);
int __wrap_pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
				  clockid_t clock,
				  const struct timespec *deadline);

int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	return spurious(mutex) ? 0 : __real_pthread_cond_wait(cond, mutex);
}

int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
				  const struct timespec *deadline)
{
	return spurious(mutex)
		       ? 0
		       : __real_pthread_cond_timedwait(cond, mutex, deadline);
}

int __wrap_pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
				  clockid_t clock,
				  const struct timespec *deadline)
{
	return spurious(mutex) ? 0
			       : __real_pthread_cond_clockwait(cond, mutex,
							       clock, deadline);
}
