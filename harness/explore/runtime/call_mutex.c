/* SPDX-License-Identifier: MIT */
/*
 * Mutexes and spin locks of POSIX and C11.
 *
 * Source: POSIX.1-2017 pthread_mutex_lock, _trylock, _timedlock, _destroy,
 * pthread_spin_lock; C11 7.26.4.
 *
 * A mutex is a ticket lock on two hidden locations, the next ticket and the one
 * whose turn it is. So there is one execution for each order in which threads
 * get it: the order of tickets is co, and each turn is written once, by the
 * unlock (release) that a lock (acquire) waits for. When a thread takes its
 * ticket nobody can tell from when it gets the mutex, so that waiting in that
 * order is no restriction.
 *
 * The next ticket is DESTROYED after destroy. Who owns what is known to the
 * owner alone, which suffices. The type of a mutex is where glibc's
 * initialisers and pthread_mutex_init put it.
 *
 * What POSIX leaves undefined, an unlock by another thread, a destroy while it
 * is held, any use after destroy, is lock misuse. A second lock by its owner is
 * not: a normal mutex then blocks, as it should.
 *
 * A try form reads whose turn it is, then takes that ticket if it is the next.
 * Failing it orders nothing, and it may have seen the lock held when it was
 * free already (C11 7.26.4.5p2). Priorities, robustness and sharing between
 * processes are not modelled: attributes are accepted.
 */
#include "call.h"

#include <errno.h>
#include <pthread.h>
#include <threads.h>

enum { NORMAL, RECURSIVE, ERRORCHECK }; /* kinds of this file */
enum { HELD_MAX = 32 };

struct held {
	const void *mutex;
	unsigned depth;
	uint64_t ticket;
};

/* Of the execution in which the thread last locked something. */
static struct {
	uint32_t execution;
	unsigned n;
	struct held held[HELD_MAX];
} owners[THREADS_MAX];

static struct held *find(const void *mutex)
{
	unsigned me = op_thread();

	if (owners[me].execution != execution) {
		owners[me].execution = execution;
		owners[me].n = 0;
	}
	for (unsigned i = 0; i < owners[me].n; i++)
		if (owners[me].held[i].mutex == mutex)
			return &owners[me].held[i];
	return NULL;
}

static int own(const struct call *c, uint64_t ticket, unsigned depth)
{
	unsigned me = op_thread();

	if (owners[me].n == HELD_MAX)
		violation_raise(UNSUPPORTED, c->pc,
				"more than %d mutexes held by one thread",
				HELD_MAX);
	owners[me].held[owners[me].n++] =
		(struct held){ c->object, depth, ticket };
	return 0;
}

static void disown(struct held *h)
{
	unsigned me = op_thread();

	*h = owners[me].held[--owners[me].n];
}

static uintptr_t next_ticket(const struct call *c)
{
	return hidden_key(HIDDEN_LOCK, (uintptr_t)c->object);
}

static uintptr_t turn(const struct call *c)
{
	return hidden_key(HIDDEN_TURN, (uintptr_t)c->object);
}

static unsigned kind_of(const struct call *c)
{
	const pthread_mutex_t *m = c->object;

	switch (m->__data.__kind & 3) {
	case PTHREAD_MUTEX_RECURSIVE_NP:
		return RECURSIVE;
	case PTHREAD_MUTEX_ERRORCHECK_NP:
		return ERRORCHECK;
	}
	return NORMAL; /* and adaptive */
}

static bool take(const struct op *op, uint64_t next, uint64_t *written)
{
	(void)op;
	*written = next + 1;
	return !(next & DESTROYED);
}

/* Only if nobody has it: the next ticket is the one whose turn it is. */
static bool take_if_free(const struct op *op, uint64_t next, uint64_t *written)
{
	*written = next + 1;
	return next == op->expected;
}

static bool destroy_if_free(const struct op *op, uint64_t next,
			    uint64_t *written)
{
	*written = DESTROYED;
	return next == op->expected;
}

static bool as_expected(const struct op *op, uint64_t value)
{
	return value == op->expected;
}

static bool other_than_expected(const struct op *op, uint64_t value)
{
	return value != op->expected;
}

/* The next ticket, after it has been taken or not. */
static uint64_t update(const struct call *c, int order, uint64_t expected,
		       bool (*how)(const struct op *, uint64_t, uint64_t *))
{
	struct op op = call_op(c, OP_UPDATE, order, next_ticket(c));
	uint64_t next;

	op.quiet = how == take; /* the wait for its turn is to follow */
	op.update = how;
	op.expected = expected;
	next = op_do(&op);
	call_alive(c, next);
	return next;
}

static uint64_t wait_for_turn(const struct call *c, bool moot)
{
	struct op op = call_op(c, OP_READ, __ATOMIC_ACQUIRE, turn(c));

	op.expected = update(c, __ATOMIC_RELAXED, 0, take);
	op.admits = as_expected;
	op.moot = moot;
	return op_do(&op);
}

/* It was held all the time. */
static int expire(const struct call *c, uint64_t deadline)
{
	struct op op = call_op(c, OP_READ, __ATOMIC_RELAXED, next_ticket(c));

	op.expected = call_look(c, turn(c), __ATOMIC_RELAXED);
	op.admits = other_than_expected;
	op.moot = true;
	call_alive(c, op_do(&op));
	time_expire(deadline);
	return ETIMEDOUT;
}

/* EBUSY: not the owner, or a normal mutex */
static int lock_again(struct held *h, unsigned kind)
{
	if (!h || kind == NORMAL)
		return EBUSY;
	if (kind == ERRORCHECK)
		return EDEADLK;
	h->depth++;
	return 0;
}

static int lock(const struct call *c, unsigned kind, uint64_t deadline)
{
	int error = lock_again(find(c->object), kind);

	if (error != EBUSY)
		return error;
	if (time_choose(c, deadline) == WAIT_EXPIRED)
		return expire(c, deadline);
	return own(c, wait_for_turn(c, deadline != NEVER), 1);
}

static int trylock(const struct call *c, unsigned kind)
{
	struct held *h = find(c->object);
	uint64_t ticket;

	if (h)
		return lock_again(h, kind) ? EBUSY : 0;
	ticket = call_look(c, turn(c), __ATOMIC_ACQUIRE);
	if (update(c, __ATOMIC_RELAXED, ticket, take_if_free) != ticket)
		return EBUSY;
	return own(c, ticket, 1);
}

static void release(const struct call *c, struct held *h)
{
	uint64_t ticket = h->ticket;

	disown(h);
	call_write(c, turn(c), __ATOMIC_RELEASE, ticket + 1);
}

static int unlock(const struct call *c, unsigned kind)
{
	struct held *h = find(c->object);

	if (h && --h->depth == 0)
		release(c, h);
	if (!h && kind == NORMAL)
		violation_raise(LOCK_MISUSE, c->pc,
				"%s by thread %u, which does not hold it",
				c->what, op_thread());
	return h ? 0 : EPERM;
}

unsigned mutex_release(const struct call *c)
{
	struct held *h = find(c->object);
	unsigned depth;

	if (!h) {
		violation_raise(
			LOCK_MISUSE, c->pc,
			"wait with a mutex that thread %u does not hold",
			op_thread());
		return 0;
	}
	depth = h->depth;
	release(c, h);
	return depth;
}

void mutex_regain(const struct call *c, unsigned depth)
{
	own(c, wait_for_turn(c, false), depth);
}

static void initialise(const struct call *c)
{
	struct held *h = find(c->object);

	if (h)
		disown(h); /* its memory was something else's */
	call_begin(c, next_ticket(c), 0, turn(c), 0);
}

static int finish(const struct call *c)
{
	uint64_t ticket = call_look(c, turn(c), __ATOMIC_ACQUIRE);

	if (update(c, __ATOMIC_RELAXED, ticket, destroy_if_free) != ticket)
		violation_raise(LOCK_MISUSE, c->pc, "%s while it is held",
				c->what);
	return 0;
}

CALL int __wrap_pthread_mutex_init(pthread_mutex_t *m,
				   const pthread_mutexattr_t *attributes)
{
	struct call c = CALLED("pthread_mutex_init", m);

	if (running) {
		call_check(&c, sizeof(*m));
		initialise(&c);
	}
	return pthread_mutex_init(m, attributes);
}

CALL int __wrap_pthread_mutex_destroy(pthread_mutex_t *m)
{
	struct call c = CALLED("pthread_mutex_destroy", m);

	if (unlikely(!running))
		return pthread_mutex_destroy(m);
	call_check(&c, sizeof(*m));
	return finish(&c);
}

CALL int __wrap_pthread_mutex_lock(pthread_mutex_t *m)
{
	struct call c = CALLED("pthread_mutex_lock", m);

	if (unlikely(!running))
		return pthread_mutex_lock(m);
	call_check(&c, sizeof(*m));
	return lock(&c, kind_of(&c), NEVER);
}

CALL int __wrap_pthread_mutex_trylock(pthread_mutex_t *m)
{
	struct call c = CALLED("pthread_mutex_trylock", m);

	if (unlikely(!running))
		return pthread_mutex_trylock(m);
	call_check(&c, sizeof(*m));
	return trylock(&c, kind_of(&c));
}

static int timedlock(const struct call *c, const struct timespec *t)
{
	uint64_t deadline;

	call_check(c, sizeof(pthread_mutex_t));
	if (!time_deadline(t, &deadline))
		return EINVAL;
	return lock(c, kind_of(c), deadline);
}

CALL int __wrap_pthread_mutex_timedlock(pthread_mutex_t *m,
					const struct timespec *t)
{
	struct call c = CALLED("pthread_mutex_timedlock", m);

	if (unlikely(!running))
		return pthread_mutex_timedlock(m, t);
	return timedlock(&c, t);
}

CALL int __wrap_pthread_mutex_clocklock(pthread_mutex_t *m, clockid_t clock,
					const struct timespec *t)
{
	struct call c = CALLED("pthread_mutex_clocklock", m);

	if (unlikely(!running))
		return pthread_mutex_clocklock(m, clock, t);
	return timedlock(&c, t);
}

CALL int __wrap_pthread_mutex_unlock(pthread_mutex_t *m)
{
	struct call c = CALLED("pthread_mutex_unlock", m);

	if (unlikely(!running))
		return pthread_mutex_unlock(m);
	call_check(&c, sizeof(*m));
	return unlock(&c, kind_of(&c));
}

/* C11: an mtx_t has the layout of a pthread_mutex_t in glibc, and its type in
 * the same place. */
static int c11(int error)
{
	switch (error) {
	case 0:
		return thrd_success;
	case EBUSY:
		return thrd_busy;
	case ETIMEDOUT:
		return thrd_timedout;
	}
	return thrd_error;
}

CALL int __wrap_mtx_init(mtx_t *m, int type)
{
	struct call c = CALLED("mtx_init", m);

	if (running) {
		call_check(&c, sizeof(*m));
		initialise(&c);
	}
	return mtx_init(m, type);
}

CALL void __wrap_mtx_destroy(mtx_t *m)
{
	struct call c = CALLED("mtx_destroy", m);

	if (unlikely(!running)) {
		mtx_destroy(m);
		return;
	}
	call_check(&c, sizeof(*m));
	finish(&c);
}

CALL int __wrap_mtx_lock(mtx_t *m)
{
	struct call c = CALLED("mtx_lock", m);

	if (unlikely(!running))
		return mtx_lock(m);
	call_check(&c, sizeof(*m));
	return c11(lock(&c, kind_of(&c), NEVER));
}

CALL int __wrap_mtx_trylock(mtx_t *m)
{
	struct call c = CALLED("mtx_trylock", m);

	if (unlikely(!running))
		return mtx_trylock(m);
	call_check(&c, sizeof(*m));
	return c11(trylock(&c, kind_of(&c)));
}

CALL int __wrap_mtx_timedlock(mtx_t *m, const struct timespec *t)
{
	struct call c = CALLED("mtx_timedlock", m);

	if (unlikely(!running))
		return mtx_timedlock(m, t);
	return c11(timedlock(&c, t));
}

CALL int __wrap_mtx_unlock(mtx_t *m)
{
	struct call c = CALLED("mtx_unlock", m);

	if (unlikely(!running))
		return mtx_unlock(m);
	call_check(&c, sizeof(*m));
	return c11(unlock(&c, kind_of(&c)));
}

/* Spin locks: normal mutexes of four bytes. */
CALL int __wrap_pthread_spin_init(pthread_spinlock_t *l, int shared)
{
	struct call c = CALLED("pthread_spin_init", (const void *)l);

	if (running) {
		call_check(&c, sizeof(*l));
		initialise(&c);
	}
	return pthread_spin_init(l, shared);
}

CALL int __wrap_pthread_spin_destroy(pthread_spinlock_t *l)
{
	struct call c = CALLED("pthread_spin_destroy", (const void *)l);

	if (unlikely(!running))
		return pthread_spin_destroy(l);
	call_check(&c, sizeof(*l));
	return finish(&c);
}

CALL int __wrap_pthread_spin_lock(pthread_spinlock_t *l)
{
	struct call c = CALLED("pthread_spin_lock", (const void *)l);

	if (unlikely(!running))
		return pthread_spin_lock(l);
	call_check(&c, sizeof(*l));
	return lock(&c, NORMAL, NEVER);
}

CALL int __wrap_pthread_spin_trylock(pthread_spinlock_t *l)
{
	struct call c = CALLED("pthread_spin_trylock", (const void *)l);

	if (unlikely(!running))
		return pthread_spin_trylock(l);
	call_check(&c, sizeof(*l));
	return trylock(&c, NORMAL);
}

CALL int __wrap_pthread_spin_unlock(pthread_spinlock_t *l)
{
	struct call c = CALLED("pthread_spin_unlock", (const void *)l);

	if (unlikely(!running))
		return pthread_spin_unlock(l);
	call_check(&c, sizeof(*l));
	return unlock(&c, NORMAL);
}
