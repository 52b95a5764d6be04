/* SPDX-License-Identifier: MIT */
/*
 * Initialisation once, of POSIX and C11.
 *
 * Source: POSIX.1-2017 pthread_once; C11 7.26.2.1.
 *
 * The first thread in claims it, runs the function, and says that it is done,
 * release. All others wait for that, acquire: one execution for each thread
 * that may be the first.
 */
#include "call.h"

#include <pthread.h>
#include <threads.h>

static bool claim(const struct op *op, uint64_t value, uint64_t *written)
{
	(void)op;
	*written = 1;
	return value == 0;
}

static bool is_done(const struct op *op, uint64_t value)
{
	(void)op;
	return value == 1;
}

static void once(const struct call *c, size_t size, void (*function)(void))
{
	uintptr_t object = (uintptr_t)c->object;
	uintptr_t done = hidden_key(HIDDEN_TURN, object);
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_RELAXED,
			       hidden_key(HIDDEN_LOCK, object));
	struct op wait = call_op(c, OP_READ, __ATOMIC_ACQUIRE, done);

	call_check(c, size);
	op.update = claim;
	if (op_do(&op) == 0) {
		function();
		call_write(c, done, __ATOMIC_RELEASE, 1);
	} else {
		wait.admits = is_done;
		op_do(&wait);
	}
}

CALL int __wrap_pthread_once(pthread_once_t *o, void (*function)(void))
{
	struct call c = CALLED("pthread_once", o);

	if (unlikely(!running))
		return pthread_once(o, function);
	once(&c, sizeof(*o), function);
	return 0;
}

CALL void __wrap_call_once(once_flag *o, void (*function)(void))
{
	struct call c = CALLED("call_once", o);

	if (unlikely(!running))
		call_once(o, function);
	else
		once(&c, sizeof(*o), function);
}
