/* SPDX-License-Identifier: MIT */
#include "kinds.h"
#include "lock.h"

static int init(pthread_spinlock_t *l, int shared)
{
	INITIALISE((const void *)l, PROFILE_SPIN,
		   below.pthread_spin_init(l, shared));
}

static COLD int lock_slow(pthread_spinlock_t *l, const void *site, int tried)
{
	ACQUIRE_FROM(site, tried, (const void *)l, PROFILE_SPIN, TALLY_WRITES,
		     true, below.pthread_spin_trylock(l),
		     below.pthread_spin_lock(l));
}

static int lock(pthread_spinlock_t *l)
{
	ACQUIRE_FAST((const void *)l, PROFILE_SPIN, TALLY_WRITES,
		     below.pthread_spin_trylock(l),
		     lock_slow(l, CALL_SITE, tried));
}

static int trylock(pthread_spinlock_t *l)
{
	TRY_ACQUIRE((const void *)l, PROFILE_SPIN, TALLY_WRITES, true,
		    below.pthread_spin_trylock(l));
}

static int unlock(pthread_spinlock_t *l)
{
	RELEASE((const void *)l, PROFILE_SPIN, true,
		below.pthread_spin_unlock(l));
}

void profile_spins(struct calls *table)
{
	table->pthread_spin_init = init;
	table->pthread_spin_lock = lock;
	table->pthread_spin_trylock = trylock;
	table->pthread_spin_unlock = unlock;
}
