/* SPDX-License-Identifier: MIT */
#include "../mutex.h"
#include "../own.h"
#include "../wait.h"
#include "kinds.h"
#include "lock.h"

/* A hold of a recursive mutex lasts from the first lock to the last unlock.
 * Asked by its holder. */
static bool is_outermost(pthread_mutex_t *m)
{
	const struct own_mutex *own = (const struct own_mutex *)m;

	if ((own->kind & KIND_TYPE) != PTHREAD_MUTEX_RECURSIVE)
		return true;
	return mutex_is_libc(m) ? m->__data.__count <= 1 : own->depth == 0;
}

static int init(pthread_mutex_t *m, const pthread_mutexattr_t *attributes)
{
	INITIALISE(m, PROFILE_MUTEX, below.pthread_mutex_init(m, attributes));
}

static COLD int lock_slow(pthread_mutex_t *m, const void *site, int tried)
{
	ACQUIRE_FROM(site, tried, m, PROFILE_MUTEX, TALLY_WRITES,
		     is_outermost(m), below.pthread_mutex_trylock(m),
		     below.pthread_mutex_lock(m));
}

static int lock(pthread_mutex_t *m)
{
	ACQUIRE_FAST(m, PROFILE_MUTEX, TALLY_WRITES,
		     below.pthread_mutex_trylock(m),
		     lock_slow(m, CALL_SITE, tried));
}

static int trylock(pthread_mutex_t *m)
{
	TRY_ACQUIRE(m, PROFILE_MUTEX, TALLY_WRITES, is_outermost(m),
		    below.pthread_mutex_trylock(m));
}

static int timedlock(pthread_mutex_t *m, const struct timespec *until)
{
	ACQUIRE(m, PROFILE_MUTEX, TALLY_WRITES, is_outermost(m),
		below.pthread_mutex_trylock(m),
		below.pthread_mutex_timedlock(m, until));
}

static int clocklock(pthread_mutex_t *m, clockid_t clock,
		     const struct timespec *until)
{
	if (wait_check_clock(clock))
		return below.pthread_mutex_clocklock(m, clock, until);
	ACQUIRE(m, PROFILE_MUTEX, TALLY_WRITES, is_outermost(m),
		below.pthread_mutex_trylock(m),
		below.pthread_mutex_clocklock(m, clock, until));
}

static int unlock(pthread_mutex_t *m)
{
	RELEASE(m, PROFILE_MUTEX, is_outermost(m),
		below.pthread_mutex_unlock(m));
}

void profile_mutex_let_go(pthread_mutex_t *m)
{
	struct view *v = view_known(m, PROFILE_MUTEX);

	if (v && view_has_more(v))
		view_left(v, view_leave(v));
}

void profile_mutex_have_again(pthread_mutex_t *m, const void *site)
{
	struct view *v = view_of(m, PROFILE_MUTEX, site);

	if (v)
		view_acquired(v, TALLY_WRITES, view_ask(v, site));
}

void profile_mutexes(struct calls *table)
{
	table->pthread_mutex_init = init;
	table->pthread_mutex_lock = lock;
	table->pthread_mutex_trylock = trylock;
	table->pthread_mutex_timedlock = timedlock;
	table->pthread_mutex_clocklock = clocklock;
	table->pthread_mutex_unlock = unlock;
}
