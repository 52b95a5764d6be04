/* SPDX-License-Identifier: MIT */
/*
 * Barriers of POSIX.
 *
 * Source: POSIX.1-2017 pthread_barrier_init, _wait, _destroy.
 *
 * Value of the hidden location: bits 0-15 how many have arrived, 16-31 how many
 * it takes, 32-62 the generation; DESTROYED. An arrival is a read-modify-write,
 * acquire and release; the last one starts the next generation, and the others
 * wait for that very write. The serial thread is the last.
 */
#include "call.h"

#include <errno.h>
#include <pthread.h>

enum { ARRIVED = 0xffff, TOTAL_SHIFT = 16, GENERATION_SHIFT = 32 };

#define GENERATION (UINT64_C(1) << GENERATION_SHIFT)

static uintptr_t key_of(const struct call *c)
{
	return hidden_key(HIDDEN_LOCK, (uintptr_t)c->object);
}

static uint64_t total(uint64_t value)
{
	return value >> TOTAL_SHIFT & 0xffff;
}

/* All have arrived: nobody has, one generation later. */
static uint64_t opened(uint64_t value)
{
	return (value & ~(uint64_t)ARRIVED) + GENERATION;
}

static bool usable(uint64_t value)
{
	return total(value) != 0 && !(value & DESTROYED);
}

static bool arrive(const struct op *op, uint64_t value, uint64_t *written)
{
	(void)op;
	*written = (value & ARRIVED) + 1 == total(value) ? opened(value)
							 : value + 1;
	return usable(value);
}

static bool as_expected(const struct op *op, uint64_t value)
{
	return value == op->expected;
}

static bool destroy(const struct op *op, uint64_t value, uint64_t *written)
{
	(void)op;
	*written = DESTROYED;
	return (value & ARRIVED) == 0 && usable(value);
}

static uint64_t update(const struct call *c,
		       bool (*how)(const struct op *, uint64_t, uint64_t *))
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_ACQ_REL, key_of(c));
	uint64_t value;

	call_check(c, sizeof(pthread_barrier_t));
	op.update = how;
	value = op_do(&op);
	call_alive(c, value);
	if (!usable(value))
		violation_raise(LOCK_MISUSE, c->pc,
				"%s of a barrier that is not initialised",
				c->what);
	return value;
}

CALL int __wrap_pthread_barrier_init(pthread_barrier_t *b,
				     const pthread_barrierattr_t *attributes,
				     unsigned count)
{
	struct call c = CALLED("pthread_barrier_init", b);

	if (running && count > 0) {
		call_check(&c, sizeof(*b));
		call_write(&c, key_of(&c), __ATOMIC_RELEASE,
			   (uint64_t)(count < ARRIVED ? count : ARRIVED)
				   << TOTAL_SHIFT);
	}
	return pthread_barrier_init(b, attributes, count);
}

CALL int __wrap_pthread_barrier_wait(pthread_barrier_t *b)
{
	struct call c = CALLED("pthread_barrier_wait", b);
	struct op op = call_op(&c, OP_READ, __ATOMIC_ACQUIRE, key_of(&c));
	uint64_t value;

	if (unlikely(!running))
		return pthread_barrier_wait(b);
	value = update(&c, arrive);
	if ((value & ARRIVED) + 1 == total(value))
		return PTHREAD_BARRIER_SERIAL_THREAD;
	op.admits = as_expected;
	op.expected = opened(value);
	op_do(&op);
	return 0;
}

CALL int __wrap_pthread_barrier_destroy(pthread_barrier_t *b)
{
	struct call c = CALLED("pthread_barrier_destroy", b);

	if (unlikely(!running))
		return pthread_barrier_destroy(b);
	if (update(&c, destroy) & ARRIVED)
		violation_raise(LOCK_MISUSE, c.pc, "%s while a thread waits",
				c.what);
	return 0;
}
