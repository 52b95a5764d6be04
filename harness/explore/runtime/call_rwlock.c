/* SPDX-License-Identifier: MIT */
/*
 * Read-write locks of POSIX, as atomic steps.
 *
 * Source: POSIX.1-2017 pthread_rwlock_rdlock, _wrlock, their try and timed
 * forms, _unlock, _destroy; pthread_rwlock_clockrdlock(3).
 *
 * Value of the hidden location: 0 free; bits 0-47 for each thread how many read
 * locks it holds (3 bits); bits 48-52 the writer's number plus one; DESTROYED.
 * Who comes first is not decided: a reader may pass a waiting writer, which
 * glibc's default allows and its other kinds do not always prevent.
 *
 * A lock is one read-modify-write, acquire, for each state in which it may get
 * the lock. Where it reads a state in which it may not, it waits to see whether
 * there will be a better one. If not, that is a deadlock; if so, this execution
 * is one too many, since there is another in which it has read that state at
 * first: the thread goes no further.
 *
 * A thread that has the write lock and asks again gets EDEADLK, one that has a
 * read lock and asks for the write lock blocks, as in glibc. An unlock by a
 * thread that has no lock, and a destroy while it is held, are lock misuse.
 */
#include "call.h"

#include <errno.h>
#include <pthread.h>

enum { COUNT_BITS = 3, COUNT_MAX = (1 << COUNT_BITS) - 1, WRITER_SHIFT = 48 };

#define READERS ((UINT64_C(1) << WRITER_SHIFT) - 1)

static uintptr_t key_of(const struct call *c)
{
	return hidden_key(HIDDEN_LOCK, (uintptr_t)c->object);
}

/* operand of each operation: the number of the thread */
static uint64_t one_read(const struct op *op)
{
	return UINT64_C(1) << (COUNT_BITS * op->operand);
}

static unsigned reads_of(const struct op *op, uint64_t value)
{
	return (unsigned)(value >> (COUNT_BITS * op->operand)) & COUNT_MAX;
}

static uint64_t writer(const struct op *op)
{
	return (op->operand + 1) << WRITER_SHIFT;
}

static uint64_t writer_of(uint64_t value)
{
	return value & ~READERS & ~DESTROYED;
}

static bool take_read(const struct op *op, uint64_t value, uint64_t *written)
{
	*written = value + one_read(op);
	return !(value & ~READERS) && reads_of(op, value) < COUNT_MAX;
}

static bool take_write(const struct op *op, uint64_t value, uint64_t *written)
{
	*written = writer(op);
	return value == 0;
}

static bool admits_read(const struct op *op, uint64_t value)
{
	return value & DESTROYED || writer_of(value) == 0 ||
	       writer_of(value) == writer(op);
}

static bool admits_write(const struct op *op, uint64_t value)
{
	return value & DESTROYED || value == 0 ||
	       writer_of(value) == writer(op);
}

static bool refuses_read(const struct op *op, uint64_t value)
{
	return !admits_read(op, value);
}

static bool refuses_write(const struct op *op, uint64_t value)
{
	return !admits_write(op, value);
}

static bool let_go(const struct op *op, uint64_t value, uint64_t *written)
{
	*written = writer_of(value) ? 0 : value - one_read(op);
	return writer_of(value) == writer(op) || reads_of(op, value) != 0;
}

static bool destroy(const struct op *op, uint64_t value, uint64_t *written)
{
	(void)op;
	*written = DESTROYED;
	return value == 0;
}

static struct op lock_op(const struct call *c, bool write)
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_ACQUIRE, key_of(c));

	call_check(c, sizeof(pthread_rwlock_t));
	op.update = write ? take_write : take_read;
	op.operand = op_thread();
	return op;
}

static int locked(const struct call *c, const struct op *op, uint64_t value)
{
	uint64_t ignored;

	call_alive(c, value);
	if (op->update(op, value, &ignored))
		return 0;
	if (writer_of(value) == writer(op))
		return EDEADLK;
	return op->update == take_read && !writer_of(value) ? EAGAIN : EBUSY;
}

static int expire(const struct op *lock, uint64_t deadline)
{
	struct op op = *lock;

	op.kind = OP_READ;
	op.order = __ATOMIC_RELAXED;
	op.admits = op.update == take_write ? refuses_write : refuses_read;
	op.moot = true;
	op_do(&op);
	time_expire(deadline);
	return ETIMEDOUT;
}

static void refused(const struct call *c, const struct op *lock,
		    uint64_t deadline)
{
	struct op op = *lock;

	op.kind = OP_READ;
	op.order = __ATOMIC_RELAXED;
	op.admits = op.update == take_write ? admits_write : admits_read;
	op.moot = deadline != NEVER;
	op_do(&op);
	call_drop(c, op.key);
}

static int lock(const struct call *c, bool write, uint64_t deadline)
{
	struct op op = lock_op(c, write);
	uint64_t value;

	if (time_choose(c, deadline) == WAIT_EXPIRED)
		return expire(&op, deadline);
	value = op_do(&op);
	if (write ? refuses_write(&op, value) : refuses_read(&op, value))
		refused(c, &op, deadline);
	return locked(c, &op, value);
}

static int trylock(const struct call *c, bool write)
{
	struct op op = lock_op(c, write);
	int error = locked(c, &op, op_do(&op));

	return error == EDEADLK ? EBUSY : error;
}

static int timedlock(const struct call *c, bool write, const struct timespec *t)
{
	uint64_t deadline;

	return time_deadline(t, &deadline) ? lock(c, write, deadline) : EINVAL;
}

static int unlock(const struct call *c)
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_RELEASE, key_of(c));
	uint64_t value, ignored;

	call_check(c, sizeof(pthread_rwlock_t));
	op.update = let_go;
	op.operand = op_thread();
	value = op_do(&op);
	call_alive(c, value);
	if (let_go(&op, value, &ignored))
		return 0;
	violation_raise(LOCK_MISUSE, c->pc, "%s by thread %u, which has none",
			c->what, op_thread());
	return EPERM;
}

CALL int __wrap_pthread_rwlock_init(pthread_rwlock_t *l,
				    const pthread_rwlockattr_t *attributes)
{
	struct call c = CALLED("pthread_rwlock_init", l);

	if (running) {
		call_check(&c, sizeof(*l));
		call_write(&c, key_of(&c), __ATOMIC_RELEASE, 0);
	}
	return pthread_rwlock_init(l, attributes);
}

CALL int __wrap_pthread_rwlock_destroy(pthread_rwlock_t *l)
{
	struct call c = CALLED("pthread_rwlock_destroy", l);
	struct op op = call_op(&c, OP_UPDATE, __ATOMIC_ACQ_REL, key_of(&c));
	uint64_t value;

	if (unlikely(!running))
		return pthread_rwlock_destroy(l);
	call_check(&c, sizeof(*l));
	op.update = destroy;
	value = op_do(&op);
	call_alive(&c, value);
	if (value)
		violation_raise(LOCK_MISUSE, c.pc, "%s while it is held",
				c.what);
	return 0;
}

CALL int __wrap_pthread_rwlock_rdlock(pthread_rwlock_t *l)
{
	struct call c = CALLED("pthread_rwlock_rdlock", l);

	if (unlikely(!running))
		return pthread_rwlock_rdlock(l);
	return lock(&c, false, NEVER);
}

CALL int __wrap_pthread_rwlock_wrlock(pthread_rwlock_t *l)
{
	struct call c = CALLED("pthread_rwlock_wrlock", l);

	if (unlikely(!running))
		return pthread_rwlock_wrlock(l);
	return lock(&c, true, NEVER);
}

CALL int __wrap_pthread_rwlock_tryrdlock(pthread_rwlock_t *l)
{
	struct call c = CALLED("pthread_rwlock_tryrdlock", l);

	if (unlikely(!running))
		return pthread_rwlock_tryrdlock(l);
	return trylock(&c, false);
}

CALL int __wrap_pthread_rwlock_trywrlock(pthread_rwlock_t *l)
{
	struct call c = CALLED("pthread_rwlock_trywrlock", l);

	if (unlikely(!running))
		return pthread_rwlock_trywrlock(l);
	return trylock(&c, true);
}

CALL int __wrap_pthread_rwlock_timedrdlock(pthread_rwlock_t *l,
					   const struct timespec *t)
{
	struct call c = CALLED("pthread_rwlock_timedrdlock", l);

	if (unlikely(!running))
		return pthread_rwlock_timedrdlock(l, t);
	return timedlock(&c, false, t);
}

CALL int __wrap_pthread_rwlock_timedwrlock(pthread_rwlock_t *l,
					   const struct timespec *t)
{
	struct call c = CALLED("pthread_rwlock_timedwrlock", l);

	if (unlikely(!running))
		return pthread_rwlock_timedwrlock(l, t);
	return timedlock(&c, true, t);
}

CALL int __wrap_pthread_rwlock_clockrdlock(pthread_rwlock_t *l, clockid_t clock,
					   const struct timespec *t)
{
	struct call c = CALLED("pthread_rwlock_clockrdlock", l);

	if (unlikely(!running))
		return pthread_rwlock_clockrdlock(l, clock, t);
	return timedlock(&c, false, t);
}

CALL int __wrap_pthread_rwlock_clockwrlock(pthread_rwlock_t *l, clockid_t clock,
					   const struct timespec *t)
{
	struct call c = CALLED("pthread_rwlock_clockwrlock", l);

	if (unlikely(!running))
		return pthread_rwlock_clockwrlock(l, clock, t);
	return timedlock(&c, true, t);
}

CALL int __wrap_pthread_rwlock_unlock(pthread_rwlock_t *l)
{
	struct call c = CALLED("pthread_rwlock_unlock", l);

	if (unlikely(!running))
		return pthread_rwlock_unlock(l);
	return unlock(&c);
}
