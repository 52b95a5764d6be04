/* SPDX-License-Identifier: MIT */
#include "../wait.h"
#include "kinds.h"
#include "lock.h"

static int init(pthread_rwlock_t *l, const pthread_rwlockattr_t *attributes)
{
	INITIALISE(l, PROFILE_RWLOCK, below.pthread_rwlock_init(l, attributes));
}

static COLD int rdlock_slow(pthread_rwlock_t *l, const void *site, int tried)
{
	ACQUIRE_FROM(site, tried, l, PROFILE_RWLOCK, TALLY_OTHERS, true,
		     below.pthread_rwlock_tryrdlock(l),
		     below.pthread_rwlock_rdlock(l));
}

static int rdlock(pthread_rwlock_t *l)
{
	ACQUIRE_FAST(l, PROFILE_RWLOCK, TALLY_OTHERS,
		     below.pthread_rwlock_tryrdlock(l),
		     rdlock_slow(l, CALL_SITE, tried));
}

static int tryrdlock(pthread_rwlock_t *l)
{
	TRY_ACQUIRE(l, PROFILE_RWLOCK, TALLY_OTHERS, true,
		    below.pthread_rwlock_tryrdlock(l));
}

/* The C library looks at the time before it looks at the lock. */
static int timedrdlock(pthread_rwlock_t *l, const struct timespec *until)
{
	if (wait_check_time(until))
		return below.pthread_rwlock_timedrdlock(l, until);
	ACQUIRE(l, PROFILE_RWLOCK, TALLY_OTHERS, true,
		below.pthread_rwlock_tryrdlock(l),
		below.pthread_rwlock_timedrdlock(l, until));
}

static int clockrdlock(pthread_rwlock_t *l, clockid_t clock,
		       const struct timespec *until)
{
	if (wait_check_clock(clock) || wait_check_time(until))
		return below.pthread_rwlock_clockrdlock(l, clock, until);
	ACQUIRE(l, PROFILE_RWLOCK, TALLY_OTHERS, true,
		below.pthread_rwlock_tryrdlock(l),
		below.pthread_rwlock_clockrdlock(l, clock, until));
}

static COLD int wrlock_slow(pthread_rwlock_t *l, const void *site, int tried)
{
	ACQUIRE_FROM(site, tried, l, PROFILE_RWLOCK, TALLY_WRITES, true,
		     below.pthread_rwlock_trywrlock(l),
		     below.pthread_rwlock_wrlock(l));
}

static int wrlock(pthread_rwlock_t *l)
{
	ACQUIRE_FAST(l, PROFILE_RWLOCK, TALLY_WRITES,
		     below.pthread_rwlock_trywrlock(l),
		     wrlock_slow(l, CALL_SITE, tried));
}

static int trywrlock(pthread_rwlock_t *l)
{
	TRY_ACQUIRE(l, PROFILE_RWLOCK, TALLY_WRITES, true,
		    below.pthread_rwlock_trywrlock(l));
}

static int timedwrlock(pthread_rwlock_t *l, const struct timespec *until)
{
	if (wait_check_time(until))
		return below.pthread_rwlock_timedwrlock(l, until);
	ACQUIRE(l, PROFILE_RWLOCK, TALLY_WRITES, true,
		below.pthread_rwlock_trywrlock(l),
		below.pthread_rwlock_timedwrlock(l, until));
}

static int clockwrlock(pthread_rwlock_t *l, clockid_t clock,
		       const struct timespec *until)
{
	if (wait_check_clock(clock) || wait_check_time(until))
		return below.pthread_rwlock_clockwrlock(l, clock, until);
	ACQUIRE(l, PROFILE_RWLOCK, TALLY_WRITES, true,
		below.pthread_rwlock_trywrlock(l),
		below.pthread_rwlock_clockwrlock(l, clock, until));
}

static int unlock(pthread_rwlock_t *l)
{
	RELEASE(l, PROFILE_RWLOCK, true, below.pthread_rwlock_unlock(l));
}

void profile_rwlocks(struct calls *table)
{
	table->pthread_rwlock_init = init;
	table->pthread_rwlock_rdlock = rdlock;
	table->pthread_rwlock_tryrdlock = tryrdlock;
	table->pthread_rwlock_timedrdlock = timedrdlock;
	table->pthread_rwlock_clockrdlock = clockrdlock;
	table->pthread_rwlock_wrlock = wrlock;
	table->pthread_rwlock_trywrlock = trywrlock;
	table->pthread_rwlock_timedwrlock = timedwrlock;
	table->pthread_rwlock_clockwrlock = clockwrlock;
	table->pthread_rwlock_unlock = unlock;
}
