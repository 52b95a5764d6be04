/* SPDX-License-Identifier: MIT */
/*
 * Semaphores of POSIX, unnamed.
 *
 * Source: POSIX.1-2017 sem_init, sem_wait, sem_timedwait, sem_post,
 * sem_getvalue; sem_clockwait(3).
 *
 * Value of the hidden location: the count, or DESTROYED. A wait is an await for
 * a count above 0 and its decrement in one event, acquire; a post is a release.
 * Which waiter gets a post is not decided by who came first. Interrupted waits
 * (EINTR) are not explored: there are no signals.
 */
#include "call.h"

#include <errno.h>
#include <limits.h>
#include <semaphore.h>

static uintptr_t key_of(const struct call *c)
{
	return hidden_key(HIDDEN_LOCK, (uintptr_t)c->object);
}

static bool positive(const struct op *op, uint64_t value)
{
	(void)op;
	return value != 0;
}

static bool zero(const struct op *op, uint64_t value)
{
	(void)op;
	return value == 0;
}

static bool decrement(const struct op *op, uint64_t value, uint64_t *written)
{
	(void)op;
	*written = value - 1;
	return value != 0 && !(value & DESTROYED);
}

static bool increment(const struct op *op, uint64_t value, uint64_t *written)
{
	(void)op;
	*written = value + 1;
	return value < SEM_VALUE_MAX;
}

static bool destroy(const struct op *op, uint64_t value, uint64_t *written)
{
	(void)op;
	*written = DESTROYED;
	return !(value & DESTROYED);
}

static int fail(int error)
{
	errno = error;
	return -1;
}

static uint64_t update(const struct call *c, int order,
		       bool (*how)(const struct op *, uint64_t, uint64_t *))
{
	struct op op = call_op(c, OP_UPDATE, order, key_of(c));
	uint64_t value;

	call_check(c, sizeof(sem_t));
	op.update = how;
	value = op_do(&op);
	call_alive(c, value);
	return value;
}

static int expire(const struct call *c, uint64_t deadline)
{
	struct op op = call_op(c, OP_READ, __ATOMIC_RELAXED, key_of(c));

	op.admits = zero;
	op.moot = true;
	op_do(&op);
	time_expire(deadline);
	return fail(ETIMEDOUT);
}

static int wait(const struct call *c, uint64_t deadline)
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_ACQUIRE, key_of(c));

	call_check(c, sizeof(sem_t));
	if (time_choose(c, deadline) == WAIT_EXPIRED)
		return expire(c, deadline);
	op.update = decrement;
	op.admits = positive;
	op.moot = deadline != NEVER;
	call_alive(c, op_do(&op));
	return 0;
}

static int timedwait(const struct call *c, const struct timespec *t)
{
	uint64_t deadline;

	return time_deadline(t, &deadline) ? wait(c, deadline) : fail(EINVAL);
}

CALL int __wrap_sem_init(sem_t *s, int shared, unsigned value)
{
	struct call c = CALLED("sem_init", s);

	if (running && value <= SEM_VALUE_MAX) {
		call_check(&c, sizeof(*s));
		call_write(&c, key_of(&c), __ATOMIC_RELEASE, value);
	}
	return sem_init(s, shared, value);
}

CALL int __wrap_sem_destroy(sem_t *s)
{
	struct call c = CALLED("sem_destroy", s);

	if (unlikely(!running))
		return sem_destroy(s);
	update(&c, __ATOMIC_ACQ_REL, destroy);
	return 0;
}

CALL int __wrap_sem_wait(sem_t *s)
{
	struct call c = CALLED("sem_wait", s);

	if (unlikely(!running))
		return sem_wait(s);
	return wait(&c, NEVER);
}

CALL int __wrap_sem_trywait(sem_t *s)
{
	struct call c = CALLED("sem_trywait", s);

	if (unlikely(!running))
		return sem_trywait(s);
	return update(&c, __ATOMIC_ACQUIRE, decrement) ? 0 : fail(EAGAIN);
}

CALL int __wrap_sem_timedwait(sem_t *s, const struct timespec *t)
{
	struct call c = CALLED("sem_timedwait", s);

	if (unlikely(!running))
		return sem_timedwait(s, t);
	return timedwait(&c, t);
}

CALL int __wrap_sem_clockwait(sem_t *s, clockid_t clock,
			      const struct timespec *t)
{
	struct call c = CALLED("sem_clockwait", s);

	if (unlikely(!running))
		return sem_clockwait(s, clock, t);
	return timedwait(&c, t);
}

CALL int __wrap_sem_post(sem_t *s)
{
	struct call c = CALLED("sem_post", s);

	if (unlikely(!running))
		return sem_post(s);
	return update(&c, __ATOMIC_RELEASE, increment) < SEM_VALUE_MAX
		       ? 0
		       : fail(EOVERFLOW);
}

CALL int __wrap_sem_getvalue(sem_t *s, int *value)
{
	struct call c = CALLED("sem_getvalue", s);
	uint64_t v;

	if (unlikely(!running))
		return sem_getvalue(s, value);
	call_check(&c, sizeof(*s));
	v = call_read(&c, key_of(&c), __ATOMIC_RELAXED);
	call_alive(&c, v);
	*value = (int)v;
	return 0;
}
