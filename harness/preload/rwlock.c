/* SPDX-License-Identifier: MIT */
/*
 * pthread_rwlock_*, by the chosen implementation.
 *
 * A thread may lock for reading again what it holds for reading (POSIX.1-2017,
 * pthread_rwlock_rdlock), and an implementation that holds back readers for a
 * waiting writer would never let it in. So each thread knows what it reads, and
 * the implementation sees the first lock and the last unlock. If an unlock has
 * ever come from a thread that had not locked (undefined, and done), what the
 * threads know of that lock is not to be relied on, and all locks of it are the
 * implementation's.
 *
 * Source: POSIX.1-2017; EDEADLK for the writer as glibc 2.36.
 */
#include "kinds.h"

#include <string.h>

#include "chosen.h"
#include "counts.h"
#include "fork.h"
#include "node.h"
#include "own.h"
#include "place.h"
#include "rwlock_priority.h"
#include "wait.h"

static struct place place;

/* What this thread has locked for reading; who holds more at a time is not
 * known to hold the others. */
enum { READS = 64 };

struct read {
	struct own_rwlock *lock;
	uint32_t life;
	unsigned depth;
	void *node;
};

static _Thread_local struct read reads[READS]
	__attribute__((tls_model("initial-exec")));
static _Thread_local unsigned n_reads
	__attribute__((tls_model("initial-exec")));

/*
 * life of an rwlock: FOREIGN, and above it the number of the lock among all
 * that there have been, 0 before the first use.
 */
enum { FOREIGN = 1, LIFE = 2 };

/* relaxed, here and below: numbers differ, that is all */
static COLD uint32_t begin_life(struct own_rwlock *l)
{
	static _Atomic uint32_t last;
	uint32_t life = 0;
	uint32_t next =
		atomic_fetch_add_explicit(&last, LIFE, memory_order_relaxed) +
		LIFE;

	return atomic_compare_exchange_strong_explicit(&l->life, &life, next,
						       memory_order_relaxed,
						       memory_order_relaxed)
		       ? next
		       : life & -(uint32_t)LIFE;
}

static uint32_t life_of(struct own_rwlock *l)
{
	uint32_t life = atomic_load_explicit(&l->life, memory_order_relaxed) &
			-(uint32_t)LIFE;

	return likely(life) ? life : begin_life(l);
}

static void remember(struct own_rwlock *l, void *node)
{
	if (n_reads < READS)
		reads[n_reads++] = (struct read){ l, life_of(l), 1, node };
}

static void *forget(struct read *r)
{
	void *node = r->node;

	*r = reads[--n_reads];
	return node;
}

/* What this thread read there in another life is nothing to this lock: another
 * thread has unlocked it, or nobody has and the memory begins anew. */
static struct read *read_of(struct own_rwlock *l)
{
	for (unsigned i = n_reads; i-- > 0;) {
		if (reads[i].lock != l)
			continue;
		if (reads[i].life == life_of(l))
			return &reads[i];
		forget(&reads[i]);
	}
	return NULL;
}

static ALWAYS_INLINE struct own_rwlock *own(pthread_rwlock_t *l)
{
	return (struct own_rwlock *)l;
}

static ALWAYS_INLINE bool is_libc(pthread_rwlock_t *l)
{
	return unlikely(own(l)->shared);
}

/* relaxed, here and below: only the own id means anything */
static ALWAYS_INLINE bool is_writer(struct own_rwlock *l)
{
	return atomic_load_explicit(&l->writer, memory_order_relaxed) ==
	       self_id();
}

static void set_writer(struct own_rwlock *l, uint32_t writer)
{
	atomic_store_explicit(&l->writer, writer, memory_order_relaxed);
}

static bool has_foreign(struct own_rwlock *l)
{
	return atomic_load_explicit(&l->life, memory_order_relaxed) & FOREIGN;
}

static void *object(struct own_rwlock *l)
{
	return place_object(&place, l);
}

/* In the child of a fork: what this thread held it holds, the other readers are
 * no more, and another thread's writing never ends. */
static void renew(void *rwlock)
{
	struct own_rwlock *l = rwlock;
	struct read *r = read_of(l);

	if (!is_writer(l) &&
	    atomic_load_explicit(&l->writer, memory_order_relaxed))
		return;
	place_clear(&place, l);
	if (is_writer(l))
		chosen.rwlock->wrlock(object(l), l->node);
	else if (r)
		chosen.rwlock->rdlock(object(l), r->node);
}

static ALWAYS_INLINE void put_in_order(struct own_rwlock *l)
{
	if (is_stale(&l->generation))
		fork_renew(&l->generation, renew, l);
}

/* ---- one way in for each of reading and writing ---- */

/* How a lock may wait. */
enum how { FOR_EVER, NOT_AT_ALL, UNTIL };

struct entry {
	struct own_rwlock *lock;
	bool write;
	enum how how;
	struct wait wait; /* if UNTIL */
};

static int try_in(struct own_rwlock *l, bool write, void *node)
{
	return write ? chosen.rwlock->trywrlock(object(l), node)
		     : chosen.rwlock->tryrdlock(object(l), node);
}

static int lock_in(struct own_rwlock *l, bool write, void *node)
{
	if (write)
		chosen.rwlock->wrlock(object(l), node);
	else
		chosen.rwlock->rdlock(object(l), node);
	return 0;
}

struct attempt {
	struct entry *entry;
	void *node;
};

static int attempt(void *attempt_)
{
	struct attempt *a = attempt_;

	return try_in(a->entry->lock, a->entry->write, a->node);
}

static COLD int timed_in(struct entry *e, void *node)
{
	int (*timed)(void *, void *, uint64_t) =
		e->write ? chosen.rwlock->timedwrlock
			 : chosen.rwlock->timedrdlock;
	int r;

	if (!timed)
		return wait_poll(&e->wait, attempt,
				 &(struct attempt){ e, node });
	wait_begin(&e->wait);
	r = timed(object(e->lock), node, END_OF_WAIT);
	wait_end(&e->wait);
	return r;
}

/* It cannot be had at once. */
static COLD int wait_in(struct entry *e, void *node)
{
	const struct wait *w = e->how == UNTIL ? &e->wait : NULL;
	uint32_t priority = e->write ? priority_of_self() : 0;
	int r;

	if (w && wait_check_time(w->until))
		return EINVAL;
	if (priority)
		return priority_write(e->lock, priority, w, attempt,
				      &(struct attempt){ e, node });
	if (!e->write && priority_is_asked(e->lock)) {
		r = priority_yield(e->lock, w);
		if (r)
			return r;
	}
	return w ? timed_in(e, node) : lock_in(e->lock, e->write, node);
}

static int get_in(struct entry *e, void *node)
{
	bool may = e->write || !priority_is_asked(e->lock);

	if (may && !try_in(e->lock, e->write, node))
		return 0;
	return e->how == NOT_AT_ALL ? EBUSY : wait_in(e, node);
}

static int enter(struct entry *e)
{
	struct own_rwlock *l = e->lock;
	struct read *held;
	void *node;
	int r;

	put_in_order(l);
	if (unlikely(is_writer(l)))
		return e->how == NOT_AT_ALL ? EBUSY : EDEADLK;
	held = e->write ? NULL : read_of(l);
	if (held && !has_foreign(l)) {
		held->depth++;
		return 0;
	}
	node = node_take(&chosen.rwlock->id);
	r = get_in(e, node);
	if (r) {
		node_give(node);
	} else if (e->write) {
		l->node = node;
		set_writer(l, self_id());
	} else {
		remember(l, node);
	}
	return r;
}

/* Locked for reading, and not by this thread as far as it knows. */
static COLD int unlock_foreign(struct own_rwlock *l)
{
	if (chosen.rwlock->id.node_size)
		return EPERM;
	/* a thread that reads more than it can remember is no stranger */
	if (n_reads < READS)
		atomic_fetch_or_explicit(&l->life, FOREIGN,
					 memory_order_relaxed);
	chosen.rwlock->unlock(object(l), NULL);
	return 0;
}

static int unlock(pthread_rwlock_t *rwlock)
{
	struct own_rwlock *l = own(rwlock);
	struct read *r;
	void *node;

	if (is_libc(rwlock))
		return libc.pthread_rwlock_unlock(rwlock);
	put_in_order(l);
	if (is_writer(l)) {
		node = l->node;
		set_writer(l, 0);
	} else {
		r = read_of(l);
		if (!r)
			return unlock_foreign(l);
		if (--r->depth)
			return 0;
		node = forget(r);
	}
	chosen.rwlock->unlock(object(l), node);
	/* the lock may be gone */
	node_give(node);
	return 0;
}

/* ---- the calls ---- */

static int rdlock(pthread_rwlock_t *l)
{
	if (is_libc(l))
		return libc.pthread_rwlock_rdlock(l);
	return enter(&(struct entry){ own(l), false, FOR_EVER, { 0 } });
}

static int tryrdlock(pthread_rwlock_t *l)
{
	if (is_libc(l))
		return libc.pthread_rwlock_tryrdlock(l);
	return enter(&(struct entry){ own(l), false, NOT_AT_ALL, { 0 } });
}

static int wrlock(pthread_rwlock_t *l)
{
	if (is_libc(l))
		return libc.pthread_rwlock_wrlock(l);
	return enter(&(struct entry){ own(l), true, FOR_EVER, { 0 } });
}

static int trywrlock(pthread_rwlock_t *l)
{
	if (is_libc(l))
		return libc.pthread_rwlock_trywrlock(l);
	return enter(&(struct entry){ own(l), true, NOT_AT_ALL, { 0 } });
}

static int enter_until(pthread_rwlock_t *l, bool write, clockid_t clock,
		       const struct timespec *until)
{
	struct entry e = {
		own(l), write, UNTIL, { .clock = clock, .until = until }
	};

	return wait_check_clock(clock) ? EINVAL : enter(&e);
}

static int timedrdlock(pthread_rwlock_t *l, const struct timespec *until)
{
	if (is_libc(l))
		return libc.pthread_rwlock_timedrdlock(l, until);
	return enter_until(l, false, CLOCK_REALTIME, until);
}

static int clockrdlock(pthread_rwlock_t *l, clockid_t clock,
		       const struct timespec *until)
{
	if (is_libc(l))
		return libc.pthread_rwlock_clockrdlock(l, clock, until);
	return enter_until(l, false, clock, until);
}

static int timedwrlock(pthread_rwlock_t *l, const struct timespec *until)
{
	if (is_libc(l))
		return libc.pthread_rwlock_timedwrlock(l, until);
	return enter_until(l, true, CLOCK_REALTIME, until);
}

static int clockwrlock(pthread_rwlock_t *l, clockid_t clock,
		       const struct timespec *until)
{
	if (is_libc(l))
		return libc.pthread_rwlock_clockwrlock(l, clock, until);
	return enter_until(l, true, clock, until);
}

/* The C library judges the attributes and writes what it makes of them. */
static int init(pthread_rwlock_t *l, const pthread_rwlockattr_t *attributes)
{
	int r = libc.pthread_rwlock_init(l, attributes);
	unsigned flags = own(l)->flags;

	if (r)
		return r;
	if (is_libc(l)) {
		count(COUNT_rwlocks_shared);
		return 0;
	}
	memset(l, 0, sizeof(*l));
	own(l)->flags = flags;
	/* relaxed: who uses it has to learn of it first */
	atomic_store_explicit(&own(l)->generation, generation,
			      memory_order_relaxed);
	count(COUNT_rwlocks);
	return 0;
}

static int destroy(pthread_rwlock_t *l)
{
	if (is_libc(l))
		return libc.pthread_rwlock_destroy(l);
	put_in_order(own(l));
	place_destroy(&place, l);
	return 0;
}

void rwlock_answer(struct calls *table)
{
	const struct rwlock_impl *i = chosen.rwlock;

	if (!i)
		return;
	place_settle(&place, &i->id, i->init, i->destroy,
		     sizeof(((struct own_rwlock *)0)->object));
	table->pthread_rwlock_init = init;
	table->pthread_rwlock_destroy = destroy;
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
