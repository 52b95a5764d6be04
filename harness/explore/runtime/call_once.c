/* SPDX-License-Identifier: MIT */
/*
 * Initialisation once, of POSIX and C11.
 *
 * Source: POSIX.1-2017 pthread_once; C11 7.26.2.1.
 *
 * Value of the hidden location: not yet, running, done. The first one in runs
 * the function and then writes done, release; others wait for that, acquire.
 */
#include "call.h"

#include <pthread.h>
#include <threads.h>

enum { NOT_YET, RUNNING, DONE };

/* admits: no wait */
static bool not_running(const struct op *op, uint64_t value)
{
	(void)op;
	return value != RUNNING;
}

static bool begin(const struct op *op, uint64_t value, uint64_t *written)
{
	(void)op;
	*written = RUNNING;
	return value == NOT_YET;
}

static void once(const struct call *c, size_t size, void (*function)(void))
{
	uintptr_t key = hidden_key(HIDDEN_LOCK, (uintptr_t)c->object);
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_ACQUIRE, key);

	call_check(c, size);
	op.update = begin;
	op.admits = not_running;
	op.failed = __ATOMIC_ACQUIRE;
	if (op_do(&op) == DONE)
		return;
	function();
	call_write(c, key, __ATOMIC_RELEASE, DONE);
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
