/* SPDX-License-Identifier: MIT */
/*
 * The C library's PTHREAD_MUTEX_RECURSIVE: what the others are compared with.
 *
 * Source: POSIX.1-2017, pthread_mutexattr_settype; pthread_mutex_clocklock is
 * POSIX Issue 8.
 *
 * POSIX nests and refuses an unlock by a stranger, but tells neither the owner
 * nor the depth; both are kept beside it:
 * State  depth  locks of the holder; plain, touched by the holder alone
 *        owner  the address of a thread-local object of the holder's, or NULL.
 *               Written by the holder alone. To others it may be stale, but it
 *               is never the reader's own address unless the reader holds it
 *               (or follows, at the same address, a thread that ended while it
 *               held it: then the C library has the last word). Relaxed.
 *
 * Progress: barging, parks at once. Costs: a call and two atomic
 * read-modify-writes for the outermost pair, a call for each inner lock and
 * unlock; releasing a depth of n is n calls.
 */
#include "../posix.h"
#include "../recursive_mutex.h"

struct recursive {
	pthread_mutex_t mutex;
	_Atomic(const char *) owner;
	unsigned depth;
};

/* The least that the contract allows: a depth is as many calls. */
enum { MAX_DEPTH = (1 << 16) - 1 };

static _Thread_local char me;

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
	atomic_store_explicit(&m->owner, NULL, memory_order_relaxed);
	m->depth = 0;
	return r;
}

static void destroy(void *mutex)
{
	pthread_mutex_destroy(&((struct recursive *)mutex)->mutex);
}

static ALWAYS_INLINE bool is_mine(struct recursive *m)
{
	return atomic_load_explicit(&m->owner, memory_order_relaxed) == &me;
}

/* The library has let us in once more: keep the books, or go back out. */
static ALWAYS_INLINE int entered(struct recursive *m)
{
	if (m->depth == 0)
		atomic_store_explicit(&m->owner, &me, memory_order_relaxed);
	if (unlikely(m->depth == MAX_DEPTH)) {
		pthread_mutex_unlock(&m->mutex);
		return SYNC_OVERFLOW;
	}
	m->depth++;
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
		atomic_store_explicit(&m->owner, NULL, memory_order_relaxed);
	return pthread_mutex_unlock(&m->mutex);
}

static unsigned depth(void *mutex)
{
	struct recursive *m = mutex;

	return is_mine(m) ? m->depth : 0;
}

static unsigned release_all(void *mutex)
{
	unsigned had = depth(mutex);

	for (unsigned i = 0; i < had; i++)
		unlock(mutex);
	return had;
}

static void reacquire(void *mutex, unsigned to)
{
	for (unsigned i = 0; i < to; i++)
		lock(mutex);
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
