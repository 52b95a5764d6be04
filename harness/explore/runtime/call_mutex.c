/* SPDX-License-Identifier: MIT */
/*
 * Mutexes and spin locks of POSIX and C11, as atomic steps.
 *
 * Source: POSIX.1-2017 pthread_mutex_lock, _trylock, _timedlock, _destroy,
 * pthread_spin_lock; C11 7.26.4.
 *
 * Value of the hidden location: 0 free; else owner's number plus one (bits
 * 0-15) and how many times he holds it (bits 16-47); DESTROYED. Locking is an
 * await for a value that allows it and a read-modify-write in one event,
 * acquire; unlocking a release. The type of a mutex is where glibc's
 * initialisers and pthread_mutex_init put it.
 *
 * What POSIX leaves undefined, an unlock by another thread, a destroy while it
 * is held, any use after destroy, is lock misuse. A second lock by its owner is
 * not: a normal mutex then blocks, as it should.
 *
 * A failing try form orders nothing, and it may have seen the lock held when it
 * was free already (C11 7.26.4.5p2). Priorities, robustness and sharing between
 * processes are not modelled: attributes are accepted.
 */
#include "call.h"

#include <errno.h>
#include <pthread.h>
#include <threads.h>

enum { NORMAL, RECURSIVE, ERRORCHECK }; /* kinds of this file */
enum { OWNER = 0xffff, ONCE = 1 << 16 };

static uintptr_t key_of(const struct call *c)
{
	return hidden_key(HIDDEN_LOCK, (uintptr_t)c->object);
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

/* operand: the owner to be; expected: the mutex's kind. */
static bool mine(const struct op *op, uint64_t value)
{
	return (value & OWNER) == op->operand;
}

static bool admits(const struct op *op, uint64_t value)
{
	return value == 0 || value & DESTROYED ||
	       (op->expected != NORMAL && mine(op, value));
}

static bool held(const struct op *op, uint64_t value)
{
	return !admits(op, value);
}

static bool take(const struct op *op, uint64_t value, uint64_t *written)
{
	*written = value ? value + ONCE : op->operand + ONCE;
	return value == 0 || (op->expected == RECURSIVE && mine(op, value));
}

static bool let_go(const struct op *op, uint64_t value, uint64_t *written)
{
	*written = value - ONCE < ONCE ? 0 : value - ONCE;
	return mine(op, value);
}

static bool let_go_wholly(const struct op *op, uint64_t value,
			  uint64_t *written)
{
	*written = 0;
	return mine(op, value);
}

/* A second destroy and a destroy of a held one are found from the value. */
static bool destroy(const struct op *op, uint64_t value, uint64_t *written)
{
	(void)op;
	*written = DESTROYED;
	return value == 0;
}

static struct op lock_op(const struct call *c, unsigned kind)
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_ACQUIRE, key_of(c));

	op.update = take;
	op.operand = op_thread() + 1;
	op.expected = kind;
	return op;
}

/* After a lock that has been answered with this value. */
static int locked(const struct call *c, const struct op *op, uint64_t value)
{
	call_alive(c, value);
	if (value == 0 || (op->expected == RECURSIVE && mine(op, value)))
		return 0;
	return op->expected == ERRORCHECK && mine(op, value) ? EDEADLK : EBUSY;
}

static int expire(const struct op *lock, uint64_t deadline)
{
	struct op op = *lock;

	op.kind = OP_READ;
	op.order = __ATOMIC_RELAXED;
	op.admits = held;
	op.moot = true;
	op_do(&op);
	time_expire(deadline);
	return ETIMEDOUT;
}

static int lock(const struct call *c, unsigned kind, uint64_t deadline)
{
	struct op op = lock_op(c, kind);

	if (time_choose(c, deadline) == WAIT_EXPIRED)
		return expire(&op, deadline);
	op.admits = admits;
	op.moot = deadline != NEVER;
	return locked(c, &op, op_do(&op));
}

static int trylock(const struct call *c, unsigned kind)
{
	struct op op = lock_op(c, kind);

	return locked(c, &op, op_do(&op)) ? EBUSY : 0;
}

static int unlock(const struct call *c, unsigned kind)
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_RELEASE, key_of(c));
	uint64_t value;

	op.update = let_go;
	op.operand = op_thread() + 1;
	value = op_do(&op);
	call_alive(c, value);
	if (mine(&op, value))
		return 0;
	if (kind == NORMAL)
		violation_raise(LOCK_MISUSE, c->pc,
				value ? "%s by thread %u, held by thread %u"
				      : "%s by thread %u, held by nobody",
				c->what, op_thread(),
				(unsigned)(value & OWNER) - 1);
	return EPERM;
}

uint64_t mutex_release(const struct call *c)
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_RELEASE, key_of(c));
	uint64_t value;

	op.update = let_go_wholly;
	op.operand = op_thread() + 1;
	value = op_do(&op);
	if (!mine(&op, value))
		violation_raise(LOCK_MISUSE, c->pc,
				"%s with a mutex that thread %u does not hold",
				c->what, op_thread());
	return value;
}

/* update: as it was */
static bool restore(const struct op *op, uint64_t value, uint64_t *written)
{
	*written = op->operand;
	return value == 0;
}

void mutex_regain(const struct call *c, uint64_t value)
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_ACQUIRE, key_of(c));

	op.update = restore;
	op.admits = admits;
	op.operand = value;
	call_alive(c, op_do(&op));
}

static void initialise(const struct call *c)
{
	call_write(c, key_of(c), __ATOMIC_RELEASE, 0);
}

static int finish(const struct call *c)
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_ACQ_REL, key_of(c));
	uint64_t value;

	op.update = destroy;
	value = op_do(&op);
	call_alive(c, value);
	if (value)
		violation_raise(LOCK_MISUSE, c->pc, "%s while thread %u has it",
				c->what, (unsigned)(value & OWNER) - 1);
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
