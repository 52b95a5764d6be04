/* SPDX-License-Identifier: MIT */
/*
 * The C library's PTHREAD_MUTEX_RECURSIVE: what the others are compared with.
 *
 * Source: POSIX.1-2017, pthread_mutexattr_settype; pthread_mutex_clocklock is
 * POSIX Issue 8.
 *
 * POSIX nests and refuses an unlock by a stranger, but tells neither the owner
 * nor the depth; both are kept beside it:
 * State  owner   the holder's id (_thread_id.h), 0 if nobody holds it. Written
 *                by the holder alone. To anyone else it may be stale, but it is
 *                never the reader's own id unless the reader holds it. Relaxed.
 *        depth   how deep the holder is; plain, as is credit: the mutex guards
 *                them, and they are 0 before it is given back
 *        credit  how much of depth the C library does not know of, since
 *                reacquire locks once for the whole depth; less than depth
 *
 * Progress: barging, parks at once. Costs: a call and two atomic
 * read-modify-writes for the outermost pair, a call for each inner lock and
 * unlock.
 */
#include "../posix.h"
#include "../recursive_mutex.h"
#include "_thread_id.h"

struct recursive {
	pthread_mutex_t mutex;
	_Atomic uint64_t owner;
	unsigned depth, credit;
};

enum { MAX_DEPTH = INT_MAX };

static ALWAYS_INLINE bool is_mine(struct recursive *m)
{
	return atomic_load_explicit(&m->owner, memory_order_relaxed) == self();
}

static ALWAYS_INLINE void set_owner(struct recursive *m, uint64_t id)
{
	atomic_store_explicit(&m->owner, id, memory_order_relaxed);
}

static int init(void *mutex)
{
	struct recursive *m = mutex;
	pthread_mutexattr_t a;
	int r = pthread_mutexattr_init(&a);

	if (r)
		return r;
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
	r = pthread_mutex_init(&m->mutex, &a);
	pthread_mutexattr_destroy(&a);
	set_owner(m, 0);
	m->depth = 0;
	m->credit = 0;
	return r;
}

static void destroy(void *mutex)
{
	pthread_mutex_destroy(&((struct recursive *)mutex)->mutex);
}

/* The library has let us in once more: keep the books, or go back out. */
static ALWAYS_INLINE int entered(struct recursive *m)
{
	if (unlikely(m->depth == MAX_DEPTH)) {
		pthread_mutex_unlock(&m->mutex);
		return SYNC_OVERFLOW;
	}
	if (m->depth++ == 0)
		set_owner(m, self());
	return SYNC_OK;
}

static inline int lock(void *mutex)
{
	struct recursive *m = mutex;

	pthread_mutex_lock(&m->mutex);
	return entered(m);
}

static inline int trylock(void *mutex)
{
	struct recursive *m = mutex;

	return pthread_mutex_trylock(&m->mutex) ? SYNC_BUSY : entered(m);
}

static int timedlock(void *mutex, uint64_t deadline)
{
	struct recursive *m = mutex;

	return posix_mutex_timedlock(&m->mutex, deadline) ? SYNC_TIMEOUT
							  : entered(m);
}

static inline int unlock(void *mutex)
{
	struct recursive *m = mutex;

	if (unlikely(!is_mine(m)))
		return SYNC_NOT_OWNER;
	if (--m->depth == 0)
		set_owner(m, 0);
	if (unlikely(m->credit)) {
		m->credit--;
		return SYNC_OK;
	}
	return pthread_mutex_unlock(&m->mutex);
}

static unsigned depth(void *mutex)
{
	struct recursive *m = mutex;

	return is_mine(m) ? m->depth : 0;
}

static unsigned release_all(void *mutex)
{
	struct recursive *m = mutex;
	unsigned had = depth(m);

	if (!had)
		return 0;

	unsigned locks = had - m->credit;

	m->depth = 0;
	m->credit = 0;
	set_owner(m, 0);
	while (locks--)
		pthread_mutex_unlock(&m->mutex);
	return had;
}

static void reacquire(void *mutex, unsigned to)
{
	struct recursive *m = mutex;

	/* nothing was released, so there is nothing to acquire */
	if (!to)
		return;
	pthread_mutex_lock(&m->mutex);
	set_owner(m, self());
	m->depth = to;
	m->credit = to - 1;
}

REGISTER_RECURSIVE_MUTEX(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "PTHREAD_MUTEX_RECURSIVE of the C library",
		.source = "POSIX.1-2017",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct recursive),
	},
	.max_depth = MAX_DEPTH,
	.init = init,
	.destroy = destroy,
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock,
	.depth = depth,
	.release_all = release_all,
	.reacquire = reacquire);
