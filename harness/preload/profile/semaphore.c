/* SPDX-License-Identifier: MIT */
/*
 * A semaphore is held from a thread's wait to its own next post, if there is
 * one: as by those who make a lock of it (CPython).
 */
#include "../wait.h"
#include "kinds.h"
#include "lock.h"

int *__real___errno_location(void);

/* EBUSY where it would wait, and the program's errno as it was. */
static int try(sem_t *s)
{
	int *theirs = __real___errno_location();
	int before = *theirs;
	int r = below.sem_trywait(s);

	if (r && *theirs == EAGAIN) {
		*theirs = before;
		return EBUSY;
	}
	return r;
}

static int init(sem_t *s, int shared, unsigned value)
{
	INITIALISE(s, PROFILE_SEMAPHORE, below.sem_init(s, shared, value));
}

/* A cancellation point also where there is nothing to wait for. */
static COLD int wait_slow(sem_t *s, const void *site, int tried)
{
	ACQUIRE_FROM(site, tried, s, PROFILE_SEMAPHORE, TALLY_WRITES, true,
		     try(s), below.sem_wait(s));
}

static int wait(sem_t *s)
{
	pthread_testcancel();
	ACQUIRE_FAST(s, PROFILE_SEMAPHORE, TALLY_WRITES, try(s),
		     wait_slow(s, CALL_SITE, tried));
}

static int trywait(sem_t *s)
{
	TRY_ACQUIRE(s, PROFILE_SEMAPHORE, TALLY_WRITES, true,
		    below.sem_trywait(s));
}

/* The C library looks at the time before it looks at the semaphore. */
static int timedwait(sem_t *s, const struct timespec *until)
{
	if (wait_check_time(until))
		return below.sem_timedwait(s, until);
	pthread_testcancel();
	ACQUIRE(s, PROFILE_SEMAPHORE, TALLY_WRITES, true, try(s),
		below.sem_timedwait(s, until));
}

static int clockwait(sem_t *s, clockid_t clock, const struct timespec *until)
{
	if (wait_check_clock(clock) || wait_check_time(until))
		return below.sem_clockwait(s, clock, until);
	pthread_testcancel();
	ACQUIRE(s, PROFILE_SEMAPHORE, TALLY_WRITES, true, try(s),
		below.sem_clockwait(s, clock, until));
}

/* Allowed in signal handlers: view_of gives way to what it interrupts. */
static int post(sem_t *s)
{
	struct view *v = view_of(s, PROFILE_SEMAPHORE, CALL_SITE);

	if (v)
		view_count(v, TALLY_OTHERS);
	RELEASE(s, PROFILE_SEMAPHORE, true, below.sem_post(s));
}

void profile_semaphores(struct calls *table)
{
	table->sem_init = init;
	table->sem_wait = wait;
	table->sem_trywait = trywait;
	table->sem_timedwait = timedwait;
	table->sem_clockwait = clockwait;
	table->sem_post = post;
}
