/* SPDX-License-Identifier: MIT */
/*
 * pthread_mutex_*, all types, by the chosen implementation.
 *
 * The implementation excludes; the owner and the depth beside it make of that
 * an error-checking or a recursive mutex. owner is written by the holder alone,
 * after it has got the mutex and before it lets go; a thread that reads its own
 * id there holds it.
 *
 * Source: POSIX.1-2017, pthread_mutex_lock, pthread_mutex_timedlock,
 * pthread_mutex_destroy; where POSIX leaves it open, as glibc 2.36 does.
 */
#include "mutex.h"

#include <string.h>

#include "chosen.h"
#include "counts.h"
#include "fork.h"
#include "kinds.h"
#include "node.h"
#include "own.h"
#include "place.h"
#include "settings.h"
#include "wait.h"

static struct place place;

static ALWAYS_INLINE struct own_mutex *own(pthread_mutex_t *m)
{
	return (struct own_mutex *)m;
}

/* Normal or adaptive, in order: nothing but the implementation to ask. */
static ALWAYS_INLINE bool is_plain(struct own_mutex *m)
{
	unsigned type = m->kind & KIND_TYPE;

	return likely(!(m->kind & KIND_LIBC) &&
		      (type == PTHREAD_MUTEX_TIMED_NP ||
		       type == PTHREAD_MUTEX_ADAPTIVE_NP)) &&
	       !is_stale(&m->generation);
}

static ALWAYS_INLINE bool is_type(const struct own_mutex *m, unsigned type)
{
	return (m->kind & KIND_TYPE) == type;
}

/* relaxed, here and below: only the own id means anything */
static ALWAYS_INLINE uint32_t owner_of(struct own_mutex *m)
{
	return atomic_load_explicit(&m->owner, memory_order_relaxed);
}

static ALWAYS_INLINE void set_owner(struct own_mutex *m, uint32_t owner)
{
	atomic_store_explicit(&m->owner, owner, memory_order_relaxed);
}

static ALWAYS_INLINE void have(struct own_mutex *m, void *node)
{
	m->node = node;
	set_owner(m, self_id());
}

/* ---- the implementation ---- */

static ALWAYS_INLINE int acquire(struct own_mutex *m)
{
	void *node = node_take(&chosen.mutex->id);

	chosen.mutex->lock(place_object(&place, m), node);
	have(m, node);
	return 0;
}

static ALWAYS_INLINE int try_acquire(struct own_mutex *m)
{
	void *node = node_take(&chosen.mutex->id);

	if (chosen.mutex->trylock(place_object(&place, m), node)) {
		node_give(node);
		return EBUSY;
	}
	have(m, node);
	return 0;
}

static int attempt(void *mutex)
{
	return try_acquire(mutex);
}

static COLD int acquire_until(struct own_mutex *m, clockid_t clock,
			      const struct timespec *until)
{
	struct wait w = { .clock = clock, .until = until };
	void *node;
	int r;

	if (!try_acquire(m))
		return 0;
	if (wait_check_time(until))
		return EINVAL;
	if (!chosen.mutex->timedlock)
		return wait_poll(&w, attempt, m);
	node = node_take(&chosen.mutex->id);
	wait_begin(&w);
	r = chosen.mutex->timedlock(place_object(&place, m), node, END_OF_WAIT);
	wait_end(&w);
	if (r)
		node_give(node);
	else
		have(m, node);
	return r;
}

static ALWAYS_INLINE int release(struct own_mutex *m)
{
	void *node = m->node;

	/* A program's mistake that the C library lets pass. */
	if (unlikely(!owner_of(m))) {
		count(COUNT_unlocked);
		return 0;
	}
	void *object = place_object(&place, m);

	set_owner(m, 0);
	chosen.mutex->unlock(object, node);
	/* the mutex may be gone */
	node_give(node);
	return 0;
}

/* A struct that was moved while the mutex in it was held. */
static void copied(void *home, void *object)
{
	struct own_mutex *m = home;

	if (owner_of(m))
		chosen.mutex->lock(object, m->node);
}

/* ---- the child of a fork ---- */

static void renew(void *mutex)
{
	struct own_mutex *m = mutex;
	bool held = owner_of(m) == self_id();

	if (owner_of(m) && !held)
		return;
	place_clear(&place, m);
	if (held)
		acquire(m);
}

static void put_in_order(struct own_mutex *m)
{
	if (is_stale(&m->generation))
		fork_renew(&m->generation, renew, m);
}

/* ---- types ---- */

/* Has the caller got it already? Then what the type says to that; else -1. */
static int relock(struct own_mutex *m, int errorcheck)
{
	put_in_order(m);
	if (owner_of(m) != self_id())
		return -1;
	if (is_type(m, PTHREAD_MUTEX_ERRORCHECK))
		return errorcheck;
	if (!is_type(m, PTHREAD_MUTEX_RECURSIVE))
		return -1;
	if (m->depth == UINT_MAX - 1)
		return EAGAIN;
	m->depth++;
	return 0;
}

static __attribute__((noinline)) int lock_typed(pthread_mutex_t *m)
{
	int r;

	if (mutex_is_libc(m))
		return libc.pthread_mutex_lock(m);
	r = relock(own(m), EDEADLK);
	return r >= 0 ? r : acquire(own(m));
}

static __attribute__((noinline)) int trylock_typed(pthread_mutex_t *m)
{
	int r;

	if (mutex_is_libc(m))
		return libc.pthread_mutex_trylock(m);
	r = relock(own(m), EBUSY);
	return r >= 0 ? r : try_acquire(own(m));
}

static __attribute__((noinline)) int unlock_typed(pthread_mutex_t *mutex)
{
	struct own_mutex *m = own(mutex);

	if (mutex_is_libc(mutex))
		return libc.pthread_mutex_unlock(mutex);
	put_in_order(m);
	if (mutex_check_held(mutex))
		return EPERM;
	if (m->depth) {
		m->depth--;
		return 0;
	}
	return release(m);
}

/* ---- the calls ---- */

static int lock(pthread_mutex_t *m)
{
	return is_plain(own(m)) ? acquire(own(m)) : lock_typed(m);
}

static int trylock(pthread_mutex_t *m)
{
	return is_plain(own(m)) ? try_acquire(own(m)) : trylock_typed(m);
}

static int unlock(pthread_mutex_t *m)
{
	return is_plain(own(m)) ? release(own(m)) : unlock_typed(m);
}

static int clocklock(pthread_mutex_t *m, clockid_t clock,
		     const struct timespec *until)
{
	int r;

	if (mutex_is_libc(m))
		return libc.pthread_mutex_clocklock(m, clock, until);
	if (wait_check_clock(clock))
		return EINVAL;
	r = relock(own(m), EDEADLK);
	return r >= 0 ? r : acquire_until(own(m), clock, until);
}

static int timedlock(pthread_mutex_t *m, const struct timespec *until)
{
	if (mutex_is_libc(m))
		return libc.pthread_mutex_timedlock(m, until);
	return clocklock(m, CLOCK_REALTIME, until);
}

static void count_libc(int kind)
{
	count(kind & KIND_ROBUST     ? COUNT_mutexes_robust
	      : kind & KIND_PRIORITY ? COUNT_mutexes_priority
				     : COUNT_mutexes_shared);
}

/* The C library judges the attributes and writes the kind. */
static int init(pthread_mutex_t *m, const pthread_mutexattr_t *attributes)
{
	int r = libc.pthread_mutex_init(m, attributes);
	int kind = own(m)->kind;

	if (r)
		return r;
	if (mutex_is_libc(m)) {
		count_libc(kind);
		return 0;
	}
	memset(m, 0, sizeof(*m));
	own(m)->kind = kind;
	/* relaxed: who uses it has to learn of it first */
	atomic_store_explicit(&own(m)->generation, generation,
			      memory_order_relaxed);
	count(COUNT_mutexes);
	return 0;
}

static int destroy(pthread_mutex_t *m)
{
	if (mutex_is_libc(m))
		return libc.pthread_mutex_destroy(m);
	put_in_order(own(m));
	if (owner_of(own(m)))
		return EBUSY;
	place_destroy(&place, m);
	own(m)->kind = -1; /* as the C library: EINVAL from now on */
	return 0;
}

/* ---- for conditions ---- */

bool mutex_is_libc(const pthread_mutex_t *m)
{
	return !chosen.mutex ||
	       (((const struct own_mutex *)m)->kind & KIND_LIBC);
}

int mutex_check_held(pthread_mutex_t *m)
{
	if (mutex_is_libc(m))
		return 0;
	if (!is_type(own(m), PTHREAD_MUTEX_RECURSIVE) &&
	    !is_type(own(m), PTHREAD_MUTEX_ERRORCHECK))
		return 0;
	return owner_of(own(m)) == self_id() ? 0 : EPERM;
}

void mutex_answer(struct calls *table)
{
	const struct mutex_impl *i = chosen.mutex;

	if (!i)
		return;
	place_settle(&place, &i->id, i->init, i->destroy,
		     sizeof(((struct own_mutex *)0)->object));
	place.copied = copied;
	table->pthread_mutex_init = init;
	table->pthread_mutex_destroy = destroy;
	table->pthread_mutex_lock = lock;
	table->pthread_mutex_trylock = trylock;
	table->pthread_mutex_timedlock = timedlock;
	table->pthread_mutex_clocklock = clocklock;
	table->pthread_mutex_unlock = unlock;
}
