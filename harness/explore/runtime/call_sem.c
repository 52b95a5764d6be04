/* SPDX-License-Identifier: MIT */
/*
 * Semaphores of POSIX, unnamed.
 *
 * Source: POSIX.1-2017 sem_init, sem_wait, sem_timedwait, sem_post,
 * sem_getvalue; sem_clockwait(3).
 *
 * Two hidden locations: how many waits there have been, and posts (bits 0-31),
 * with the initial count in both halves. The k-th wait waits for the k-th unit,
 * so it acquires from one post, and those before it; which thread is the k-th
 * is the order of co. As with mutexes (call_mutex.c), when a thread has begun
 * to wait nobody can tell. Both are DESTROYED after destroy.
 *
 * EOVERFLOW counts posts, not what waits have left. Interrupted waits (EINTR)
 * are not explored: there are no signals. Destroying a semaphore on which
 * somebody waits is not found.
 */
#include "call.h"

#include <errno.h>
#include <limits.h>
#include <semaphore.h>

static uintptr_t waits(const struct call *c)
{
	return hidden_key(HIDDEN_LOCK, (uintptr_t)c->object);
}

static uintptr_t posts(const struct call *c)
{
	return hidden_key(HIDDEN_TURN, (uintptr_t)c->object);
}

/* Of the value of posts: */
static uint64_t units(uint64_t value)
{
	return value & UINT32_MAX;
}

static uint64_t units_at_first(uint64_t value)
{
	return (value & ~DESTROYED) >> 32;
}

/* admits: `expected` units, and by the first write with so many */
static bool enough(const struct op *op, uint64_t value)
{
	uint64_t first = units_at_first(value);

	return value & DESTROYED ||
	       units(value) == (op->expected > first ? op->expected : first);
}

/* admits: more waits than `expected` units */
static bool used_up(const struct op *op, uint64_t value)
{
	return value >= op->expected;
}

static bool add(const struct op *op, uint64_t value, uint64_t *written)
{
	(void)op;
	*written = value + 1;
	return !(value & DESTROYED) && units(value) < SEM_VALUE_MAX;
}

/* A wait, if there is a unit left for it. */
static bool add_below(const struct op *op, uint64_t value, uint64_t *written)
{
	*written = value + 1;
	return value < op->expected;
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

static uint64_t update(const struct call *c, uintptr_t key, int order,
		       uint64_t expected,
		       bool (*how)(const struct op *, uint64_t, uint64_t *))
{
	struct op op = call_op(c, OP_UPDATE, order, key);
	uint64_t value;

	op.update = how;
	op.expected = expected;
	op.quiet = how == add && order == __ATOMIC_RELAXED; /* of a wait */
	value = op_do(&op);
	call_alive(c, value);
	return value;
}

static uint64_t load(const struct call *c, uintptr_t key, int order)
{
	uint64_t value = call_look(c, key, order);

	call_alive(c, value);
	return value;
}

static int expire(const struct call *c, uint64_t deadline)
{
	struct op op = call_op(c, OP_READ, __ATOMIC_RELAXED, waits(c));

	op.expected = units(load(c, posts(c), __ATOMIC_RELAXED));
	op.admits = used_up;
	op.moot = true;
	call_alive(c, op_do(&op));
	time_expire(deadline);
	return fail(ETIMEDOUT);
}

static int wait(const struct call *c, uint64_t deadline)
{
	struct op op = call_op(c, OP_READ, __ATOMIC_ACQUIRE, posts(c));

	call_check(c, sizeof(sem_t));
	if (time_choose(c, deadline) == WAIT_EXPIRED)
		return expire(c, deadline);
	op.expected = update(c, waits(c), __ATOMIC_RELAXED, 0, add) + 1;
	op.admits = enough;
	op.moot = deadline != NEVER;
	call_alive(c, op_do(&op));
	return 0;
}

static int timedwait(const struct call *c, const struct timespec *t)
{
	uint64_t deadline;

	return time_deadline(t, &deadline) ? wait(c, deadline) : fail(EINVAL);
}

static int trywait(const struct call *c)
{
	uint64_t n;

	call_check(c, sizeof(sem_t));
	n = units(load(c, posts(c), __ATOMIC_ACQUIRE));
	return update(c, waits(c), __ATOMIC_RELAXED, n, add_below) < n
		       ? 0
		       : fail(EAGAIN);
}

static int post(const struct call *c)
{
	call_check(c, sizeof(sem_t));
	if (units(update(c, posts(c), __ATOMIC_RELEASE, 0, add)) <
	    SEM_VALUE_MAX)
		return 0;
	return fail(EOVERFLOW);
}

static int value_of(const struct call *c)
{
	uint64_t w, n;

	call_check(c, sizeof(sem_t));
	w = load(c, waits(c), __ATOMIC_RELAXED);
	n = units(load(c, posts(c), __ATOMIC_RELAXED));
	return n > w ? (int)(n - w) : 0;
}

CALL int __wrap_sem_init(sem_t *s, int shared, unsigned value)
{
	struct call c = CALLED("sem_init", s);

	if (running && value <= SEM_VALUE_MAX) {
		call_check(&c, sizeof(*s));
		call_begin(&c, waits(&c), 0, posts(&c),
			   (uint64_t)value << 32 | value);
	}
	return sem_init(s, shared, value);
}

CALL int __wrap_sem_destroy(sem_t *s)
{
	struct call c = CALLED("sem_destroy", s);

	if (unlikely(!running))
		return sem_destroy(s);
	call_check(&c, sizeof(*s));
	update(&c, waits(&c), __ATOMIC_RELAXED, 0, destroy);
	update(&c, posts(&c), __ATOMIC_RELAXED, 0, destroy);
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
	return trywait(&c);
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
	return post(&c);
}

CALL int __wrap_sem_getvalue(sem_t *s, int *value)
{
	struct call c = CALLED("sem_getvalue", s);

	if (unlikely(!running))
		return sem_getvalue(s, value);
	*value = value_of(&c);
	return 0;
}
