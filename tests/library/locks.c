/* SPDX-License-Identifier: MIT */
/* Laws of what is locked and unlocked: mutexes, rwlocks, the GIL. */
#include <limits.h>
#include <stdatomic.h>
#include <string.h>

#include "laws.h"

enum { THREADS = 3, ROUNDS = 2000 };

/* What a lock guards. */
static unsigned long guarded;

/* ---- mutex ---- */

static int create_mutex(const char *name, void **out)
{
	return sl_mutex_create(name, (sl_mutex **)out);
}

static int destroy_mutex(void *mutex)
{
	return sl_mutex_destroy(mutex);
}

static int lock_and_unlock(void *mutex, uint64_t timeout)
{
	int r = sl_mutex_lock(mutex, timeout);

	return r ? r : sl_mutex_unlock(mutex);
}

static int count_under_mutex(void *mutex, uint64_t timeout)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (sl_mutex_lock(mutex, timeout))
			return -1;
		guarded++;
		if (sl_mutex_unlock(mutex))
			return -1;
	}
	return 0;
}

static void add_one(void *number)
{
	++*(unsigned long *)number;
}

static int count_in_sections(void *mutex, uint64_t unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++)
		if (sl_mutex_call(mutex, add_one, &guarded))
			return -1;
	return 0;
}

static void counts(operation *function, void *lock)
{
	struct call *c[THREADS];

	guarded = 0;
	for (int i = 0; i < THREADS; i++)
		c[i] = begin(function, lock, SL_FOREVER);
	for (int i = 0; i < THREADS; i++)
		IS(0, end(c[i]));
	IS(THREADS * ROUNDS, guarded);
}

static int lock_without_memory(void *mutex, uint64_t timeout)
{
	int r;

	no_memory = true;
	r = lock_and_unlock(mutex, timeout);
	no_memory = false;
	return r;
}

/* By the holder, and by others. */
static void mutex_owner(sl_mutex *m, int timed)
{
	struct call *c;

	IS(SL_NOT_OWNER, sl_mutex_unlock(m));
	IS(SL_NOT_OWNER, sl_mutex_unlock_any(m));
	IS(0, sl_mutex_owner(m));
	IS(0, sl_mutex_lock(m, SL_FOREVER));
	IS(sl_self(), sl_mutex_owner(m));
	IS(SL_BUSY, sl_mutex_destroy(m));
	IS(SL_BUSY, elsewhere(OPERATION(sl_mutex_lock), m, SL_TRY));
	IS(timed, elsewhere(OPERATION(sl_mutex_lock), m, MS));
	IS(SL_NOT_OWNER, elsewhere(OPERATION(sl_mutex_unlock), m, 0));
	IS(SL_DEADLOCK, sl_mutex_call(m, add_one, &guarded));
	c = begin(lock_and_unlock, m, SL_FOREVER);
	IS(0, elsewhere(OPERATION(sl_mutex_unlock_any), m, 0));
	IS(SL_NOT_OWNER, sl_mutex_unlock(m));
	IS(0, end(c));
	IS(0, elsewhere(lock_and_unlock, m, SL_TRY));
}

static void laws_of_mutex(const char *name)
{
	bool timed = !sl_unsupported("mutex", name);
	sl_mutex *m = NULL;

	IS(0, sl_mutex_create(name, &m));
	mutex_owner(m, timed ? SL_TIMEOUT : SL_UNSUPPORTED);
	IS(timed ? 0 : SL_UNSUPPORTED, lock_and_unlock(m, 1000 * MS));
	IS(timed ? 0 : SL_UNSUPPORTED, lock_and_unlock(m, SL_FOREVER - 1));
	counts(count_under_mutex, m);
	counts(count_in_sections, m);
	IS(strcmp(name, "mcs") ? 0 : SL_NO_MEMORY,
	   strcmp(name, "mcs") ? 0 : elsewhere(lock_without_memory, m, SL_TRY));
	IS(SL_INVALID, sl_mutex_call(m, NULL, NULL));
	IS(0, sl_mutex_destroy(m));
	IS(SL_INVALID, sl_mutex_lock(NULL, SL_TRY));
	IS(SL_INVALID, sl_mutex_unlock(NULL));
	IS(SL_INVALID, sl_mutex_unlock_any(NULL));
	IS(SL_INVALID, sl_mutex_call(NULL, add_one, NULL));
	IS(0, sl_mutex_owner(NULL));
}

const struct kind law_mutex = { "mutex", create_mutex, destroy_mutex,
				laws_of_mutex };

/* ---- recursive mutex ---- */

static int create_recursive(const char *name, void **out)
{
	return sl_recursive_mutex_create(name, (sl_recursive_mutex **)out);
}

static int destroy_recursive(void *mutex)
{
	return sl_recursive_mutex_destroy(mutex);
}

static int count_under_recursive(void *mutex, uint64_t timeout)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (sl_recursive_mutex_lock(mutex, timeout) ||
		    sl_recursive_mutex_lock(mutex, SL_TRY))
			return -1;
		guarded++;
		if (sl_recursive_mutex_unlock(mutex) ||
		    sl_recursive_mutex_unlock(mutex))
			return -1;
	}
	return 0;
}

static int recursive_lock_and_unlock(void *mutex, uint64_t timeout)
{
	int r = sl_recursive_mutex_lock(mutex, timeout);

	return r ? r : sl_recursive_mutex_unlock(mutex);
}

static void recursive_depths(sl_recursive_mutex *m)
{
	unsigned depth = 0;

	IS(0, sl_recursive_mutex_release_all(m, &depth));
	IS(2, depth);
	IS(0, sl_recursive_mutex_owner(m));
	IS(0, sl_recursive_mutex_depth(m));
	IS(SL_NOT_OWNER, sl_recursive_mutex_release_all(m, &depth));
	IS(0, elsewhere(recursive_lock_and_unlock, m, SL_TRY));
	IS(SL_INVALID, sl_recursive_mutex_reacquire(m, 0));
	IS(SL_INVALID, sl_recursive_mutex_reacquire(m, UINT_MAX));
	IS(0, sl_recursive_mutex_reacquire(m, INT_MAX));
	IS(SL_INVALID, sl_recursive_mutex_reacquire(m, 1));
	IS(SL_OVERFLOW, sl_recursive_mutex_lock(m, SL_FOREVER));
	IS(SL_OVERFLOW, sl_recursive_mutex_lock(m, SL_TRY));
	IS(SL_OVERFLOW, sl_recursive_mutex_lock(m, MS));
	IS(INT_MAX, sl_recursive_mutex_depth(m));
	IS(0, sl_recursive_mutex_release_all(m, &depth));
	IS(INT_MAX, depth);
}

static void laws_of_recursive_mutex(const char *name)
{
	sl_recursive_mutex *m = NULL;

	IS(0, sl_recursive_mutex_create(name, &m));
	IS(SL_NOT_OWNER, sl_recursive_mutex_unlock(m));
	IS(0, sl_recursive_mutex_lock(m, SL_FOREVER));
	IS(0, sl_recursive_mutex_lock(m, MS));
	IS(2, sl_recursive_mutex_depth(m));
	IS(sl_self(), sl_recursive_mutex_owner(m));
	IS(SL_BUSY, sl_recursive_mutex_destroy(m));
	IS(SL_BUSY, elsewhere(recursive_lock_and_unlock, m, SL_TRY));
	IS(SL_TIMEOUT, elsewhere(recursive_lock_and_unlock, m, MS));
	IS(SL_NOT_OWNER, elsewhere(OPERATION(sl_recursive_mutex_unlock), m, 0));
	recursive_depths(m);
	counts(count_under_recursive, m);
	IS(SL_INVALID, sl_recursive_mutex_release_all(m, NULL));
	IS(0, sl_recursive_mutex_destroy(m));
	IS(SL_INVALID, sl_recursive_mutex_lock(NULL, SL_TRY));
	IS(SL_INVALID, sl_recursive_mutex_unlock(NULL));
	IS(SL_INVALID, sl_recursive_mutex_release_all(NULL, NULL));
	IS(SL_INVALID, sl_recursive_mutex_reacquire(NULL, 1));
	IS(0, sl_recursive_mutex_owner(NULL));
	IS(0, sl_recursive_mutex_depth(NULL));
}

const struct kind law_recursive_mutex = { "recursive_mutex", create_recursive,
					  destroy_recursive,
					  laws_of_recursive_mutex };

/* ---- rwlock ---- */

static int create_rwlock(const char *name, void **out)
{
	return sl_rwlock_create(name, (sl_rwlock **)out);
}

static int destroy_rwlock(void *rwlock)
{
	return sl_rwlock_destroy(rwlock);
}

static int read_and_unlock(void *rwlock, uint64_t timeout)
{
	int r = sl_rwlock_rdlock(rwlock, timeout);

	return r ? r : sl_rwlock_unlock(rwlock);
}

static int count_under_rwlock(void *rwlock, uint64_t timeout)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (sl_rwlock_wrlock(rwlock, timeout))
			return -1;
		guarded++;
		if (sl_rwlock_unlock(rwlock) ||
		    read_and_unlock(rwlock, timeout))
			return -1;
	}
	return 0;
}

/* A timed form answers this, or that it is not there; then it is told why. */
static bool timed_or_not(int wanted, int got)
{
	if (got != SL_UNSUPPORTED)
		IS(wanted, got);
	return got != SL_UNSUPPORTED;
}

static void laws_of_rwlock(const char *name)
{
	operation *read = OPERATION(sl_rwlock_rdlock),
		  *write = OPERATION(sl_rwlock_wrlock);
	sl_rwlock *l = NULL;
	bool timed;

	IS(0, sl_rwlock_create(name, &l));
	IS(SL_NOT_OWNER, sl_rwlock_unlock(l));
	IS(0, sl_rwlock_rdlock(l, SL_FOREVER));
	IS(0, elsewhere(read_and_unlock, l, SL_TRY));
	IS(SL_BUSY, elsewhere(write, l, SL_TRY));
	timed = timed_or_not(SL_TIMEOUT, elsewhere(write, l, MS));
	IS(SL_NOT_OWNER, elsewhere(OPERATION(sl_rwlock_unlock), l, 0));
	IS(SL_DEADLOCK, sl_rwlock_wrlock(l, SL_FOREVER));
	IS(SL_DEADLOCK, sl_rwlock_rdlock(l, SL_FOREVER));
	IS(SL_BUSY, sl_rwlock_destroy(l));
	IS(0, sl_rwlock_unlock(l));
	IS(0, sl_rwlock_wrlock(l, SL_FOREVER));
	IS(SL_BUSY, elsewhere(read, l, SL_TRY));
	timed &= timed_or_not(SL_TIMEOUT, elsewhere(read, l, MS));
	IS(SL_BUSY, elsewhere(write, l, SL_TRY));
	IS(SL_DEADLOCK, sl_rwlock_rdlock(l, SL_TRY));
	IS(SL_BUSY, sl_rwlock_destroy(l));
	IS(0, sl_rwlock_unlock(l));
	IS(SL_NOT_OWNER, sl_rwlock_unlock(l));
	IS(timed, !sl_unsupported("rwlock", name));
	counts(count_under_rwlock, l);
	IS(0, sl_rwlock_destroy(l));
	IS(SL_INVALID, sl_rwlock_rdlock(NULL, SL_TRY));
	IS(SL_INVALID, sl_rwlock_wrlock(NULL, SL_TRY));
	IS(SL_INVALID, sl_rwlock_unlock(NULL));
}

const struct kind law_rwlock = { "rwlock", create_rwlock, destroy_rwlock,
				 laws_of_rwlock };

/* ---- gil ---- */

static int create_gil(const char *name, void **out)
{
	return sl_gil_create(name, 0, (sl_gil **)out);
}

static int destroy_gil(void *gil)
{
	return sl_gil_destroy(gil);
}

static int count_under_gil(void *gil, uint64_t unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		if (sl_gil_acquire(gil))
			return -1;
		guarded++;
		if (sl_gil_yield(gil, NULL) || sl_gil_release(gil))
			return -1;
	}
	return 0;
}

static int acquire_and_release(void *gil, uint64_t unused)
{
	int r = sl_gil_acquire(gil);

	(void)unused;
	return r ? r : sl_gil_release(gil);
}

static void laws_of_gil(const char *name)
{
	int switched = 0;
	struct call *c;
	sl_gil *g = NULL;

	IS(0, sl_gil_create(name, 0, &g));
	IS(5 * MS, sl_gil_interval(g));
	IS(SL_INVALID, sl_gil_set_interval(g, 0));
	IS(0, sl_gil_set_interval(g, MS / 10));
	IS(MS / 10, sl_gil_interval(g));
	IS(SL_NOT_OWNER, sl_gil_release(g));
	IS(SL_NOT_OWNER, sl_gil_yield(g, NULL));
	IS(0, sl_gil_acquire(g));
	IS(sl_self(), sl_gil_owner(g));
	IS(SL_DEADLOCK, sl_gil_acquire(g));
	IS(SL_BUSY, sl_gil_destroy(g));
	IS(SL_NOT_OWNER, elsewhere(OPERATION(sl_gil_release), g, 0));
	IS(SL_NOT_OWNER, elsewhere(OPERATION(sl_gil_yield), g, 0));
	c = begin(acquire_and_release, g, 0);
	while (!switched)
		IS(0, sl_gil_yield(g, &switched));
	IS(sl_self(), sl_gil_owner(g));
	IS(0, sl_gil_release(g));
	IS(0, end(c));
	HOLDS(sl_gil_switches(g) >= 2);
	IS(0, sl_gil_owner(g));
	counts(count_under_gil, g);
	IS(0, sl_gil_destroy(g));
	IS(SL_INVALID, sl_gil_acquire(NULL));
	IS(SL_INVALID, sl_gil_release(NULL));
	IS(SL_INVALID, sl_gil_yield(NULL, NULL));
	IS(SL_INVALID, sl_gil_set_interval(NULL, 1));
}

const struct kind law_gil = { "gil", create_gil, destroy_gil, laws_of_gil };
