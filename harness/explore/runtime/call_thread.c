/* SPDX-License-Identifier: MIT */
/*
 * Threads of POSIX and C11.
 *
 * Source: POSIX.1-2017 pthread_create, _join, _detach, _exit, _self; C11
 * 7.26.5.
 *
 * A thread's name (pthread_t, thrd_t) encodes its number. What it does happens
 * after its creation (OP_CREATE). At its end it runs the destructors of its
 * thread-specific data, then writes 1 to its hidden location, release; a join
 * is an await for that, acquire. Joining a thread that is detached or that has
 * been joined is misuse. A join for which nobody comes is a deadlock; a thread
 * that is neither joined nor detached at the end is not reported.
 *
 * Attributes other than detached are accepted and mean nothing. Cancellation is
 * not supported (call_other.c).
 */
#include "call_thread.h"
#include "call.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <threads.h>
#include <unistd.h>

/* No address, and not a small number either. */
#define NAMES ((uintptr_t)0x5afe0000)

enum { SYSTEM_NUMBERS = 100000 };

static pthread_t name_of(unsigned thread)
{
	return (pthread_t)(NAMES + thread);
}

static unsigned number_of(const struct call *c, pthread_t name)
{
	uintptr_t n = (uintptr_t)name - NAMES;

	if (n >= THREADS_MAX || threads[n].standing == STANDING_NONE) {
		violation_raise(LOCK_MISUSE, c->pc, "%s of no thread", c->what);
		return 0;
	}
	return (unsigned)n;
}

unsigned thread_system_number(unsigned thread)
{
	return SYSTEM_NUMBERS + thread;
}

static uintptr_t end_of(unsigned thread)
{
	return hidden_key(HIDDEN_THREAD, thread);
}

static pthread_t create(const struct call *c, void *(*start)(void *),
			void *argument, bool detached)
{
	struct op op = call_op(c, OP_CREATE, __ATOMIC_RELEASE, 0);
	unsigned thread = (unsigned)op_do(&op);

	engine_spawn(thread, start, argument);
	threads[thread].detached = detached;
	time_created(thread);
	return name_of(thread);
}

void call_thread_ended(void)
{
	struct call c = { "end", NULL, NULL };

	if (running->exited)
		return; /* the process is gone */
	key_destructors();
	call_write(&c, end_of(op_thread()), __ATOMIC_RELEASE, 1);
}

/* admits: it has ended */
static bool ended(const struct op *op, uint64_t value)
{
	(void)op;
	return value != 0;
}

static int join(const struct call *c, pthread_t name, void **result)
{
	unsigned thread = number_of(c, name);
	struct op op = call_op(c, OP_READ, __ATOMIC_ACQUIRE, end_of(thread));

	if (thread == op_thread())
		return EDEADLK;
	if (threads[thread].detached)
		violation_raise(LOCK_MISUSE, c->pc,
				"%s of thread %u, which is joined or detached",
				c->what, thread);
	op.admits = ended;
	op_do(&op);
	threads[thread].detached = true;
	time_joined(thread);
	if (result)
		*result = threads[thread].result;
	return 0;
}

static int detach(const struct call *c, pthread_t name)
{
	unsigned thread = number_of(c, name);

	if (threads[thread].detached)
		return EINVAL;
	threads[thread].detached = true;
	return 0;
}

CALL int __wrap_pthread_create(pthread_t *name, const pthread_attr_t *a,
			       void *(*start)(void *), void *argument)
{
	struct call c = CALLED("pthread_create", NULL);
	int state = PTHREAD_CREATE_JOINABLE;

	if (unlikely(!running))
		return pthread_create(name, a, start, argument);
	if (a)
		pthread_attr_getdetachstate(a, &state);
	*name = create(&c, start, argument, state == PTHREAD_CREATE_DETACHED);
	return 0;
}

CALL int __wrap_pthread_join(pthread_t name, void **result)
{
	struct call c = CALLED("pthread_join", NULL);

	if (unlikely(!running))
		return pthread_join(name, result);
	return join(&c, name, result);
}

CALL int __wrap_pthread_detach(pthread_t name)
{
	struct call c = CALLED("pthread_detach", NULL);

	if (unlikely(!running))
		return pthread_detach(name);
	return detach(&c, name);
}

CALL _Noreturn void __wrap_pthread_exit(void *result)
{
	if (unlikely(!running))
		pthread_exit(result);
	engine_end(result);
}

CALL pthread_t __wrap_pthread_self(void)
{
	return running ? name_of(op_thread()) : pthread_self();
}

CALL int __wrap_pthread_setname_np(pthread_t name, const char *text)
{
	return running ? 0 : pthread_setname_np(name, text);
}

CALL int __wrap_pthread_setaffinity_np(pthread_t name, size_t size,
				       const cpu_set_t *set)
{
	return running ? 0 : pthread_setaffinity_np(name, size, set);
}

/* C11: an int result, in the place of the pointer. */
CALL int __wrap_thrd_create(thrd_t *name, thrd_start_t start, void *argument)
{
	struct call c = CALLED("thrd_create", NULL);
	void *(*function)(void *);

	if (unlikely(!running))
		return thrd_create(name, start, argument);
	/* Both calling conventions agree where it matters: the result is the
	 * low half of the same register. */
	memcpy(&function, &start, sizeof(function));
	*name = (thrd_t)create(&c, function, argument, false);
	return thrd_success;
}

CALL int __wrap_thrd_join(thrd_t name, int *result)
{
	struct call c = CALLED("thrd_join", NULL);
	void *value;

	if (unlikely(!running))
		return thrd_join(name, result);
	if (join(&c, (pthread_t)name, &value))
		return thrd_error;
	if (result)
		*result = (int)(intptr_t)value;
	return thrd_success;
}

CALL int __wrap_thrd_detach(thrd_t name)
{
	struct call c = CALLED("thrd_detach", NULL);

	if (unlikely(!running))
		return thrd_detach(name);
	return detach(&c, (pthread_t)name) ? thrd_error : thrd_success;
}

CALL _Noreturn void __wrap_thrd_exit(int result)
{
	if (unlikely(!running))
		thrd_exit(result);
	engine_end((void *)(intptr_t)result);
}

CALL thrd_t __wrap_thrd_current(void)
{
	return running ? (thrd_t)name_of(op_thread()) : thrd_current();
}

CALL void __wrap_thrd_yield(void)
{
	if (!running)
		thrd_yield();
}

CALL int __wrap_sched_yield(void)
{
	return running ? 0 : sched_yield();
}

CALL int __wrap_pthread_yield(void)
{
	return __wrap_sched_yield();
}

CALL pid_t __wrap_gettid(void)
{
	return running ? (pid_t)thread_system_number(op_thread()) : gettid();
}

CALL pid_t __wrap_getpid(void)
{
	return running ? (pid_t)thread_system_number(0) : getpid();
}
