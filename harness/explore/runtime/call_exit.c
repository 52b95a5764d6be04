/* SPDX-License-Identifier: MIT */
/*
 * How a program ends: exit, abort, a failed assertion, a signal to itself.
 *
 * Source: POSIX.1-2017 exit, abort, raise; glibc's assert.h for the names that
 * assert() calls.
 *
 * An exit ends its thread, and lets the others go on as far as they come: the
 * schedule in which it is the last thing to happen is a schedule too, all
 * others are its prefixes. Threads that are blocked then are no deadlock. When
 * main returns, that is an exit; when it calls pthread_exit, it is not.
 *
 * An exit with another status than 0 is a violation, so that a program may say
 * in that way, too, that something is wrong.
 *
 * Exit first runs, the last one first, the functions that its own thread has
 * registered with atexit. Those of other threads are left out: who registers
 * beside an exit cannot know whether it comes in time.
 */
#include "call.h"
#include "call_thread.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HANDLERS_MAX = 32 }; /* as many as C promises */

/* Of the execution in which the thread last registered one. */
static struct {
	uint32_t execution;
	unsigned n;
	void (*function[HANDLERS_MAX])(void);
} handlers[THREADS_MAX];

static int add_handler(void (*function)(void))
{
	unsigned me = op_thread();

	if (handlers[me].execution != execution) {
		handlers[me].execution = execution;
		handlers[me].n = 0;
	}
	if (handlers[me].n == HANDLERS_MAX)
		return 1;
	handlers[me].function[handlers[me].n++] = function;
	return 0;
}

/* A handler may register another, which is the next one then. */
static void run_handlers(void)
{
	unsigned me = op_thread();

	while (handlers[me].execution == execution && handlers[me].n)
		handlers[me].function[--handlers[me].n]();
}

static _Noreturn void leave(const char *what, int status, const void *pc)
{
	if (status)
		violation_raise(ASSERTION, pc, "%s %d", what, status);
	running->exited = true;
	engine_end((void *)(intptr_t)status);
}

_Noreturn void call_main_returned(int status)
{
	run_handlers();
	leave("main returned", status, NULL);
}

CALL _Noreturn void __wrap_exit(int status)
{
	if (unlikely(!running))
		exit(status);
	run_handlers();
	leave("exit", status, __builtin_return_address(0));
}

CALL _Noreturn void __wrap__exit(int status)
{
	if (unlikely(!running))
		_exit(status);
	leave("_exit", status, __builtin_return_address(0));
}

CALL _Noreturn void __wrap__Exit(int status)
{
	if (unlikely(!running))
		_Exit(status);
	leave("_Exit", status, __builtin_return_address(0));
}

CALL _Noreturn void __wrap_quick_exit(int status)
{
	if (unlikely(!running))
		quick_exit(status);
	leave("quick_exit", status, __builtin_return_address(0));
}

CALL _Noreturn void __wrap_abort(void)
{
	if (running)
		violation_raise(ASSERTION, __builtin_return_address(0),
				"abort");
	abort();
}

CALL _Noreturn void __wrap___assert_fail(const char *expression,
					 const char *file, unsigned line,
					 const char *function)
{
	if (running)
		violation_raise(ASSERTION, __builtin_return_address(0),
				"%s:%u: %s", file, line, expression);
	__assert_fail(expression, file, line, function);
}

CALL _Noreturn void __wrap___assert_perror_fail(int error, const char *file,
						unsigned line,
						const char *function)
{
	if (running)
		violation_raise(ASSERTION, __builtin_return_address(0),
				"%s:%u: %s", file, line, strerror(error));
	__assert_perror_fail(error, file, line, function);
}

CALL int __wrap_raise(int signal)
{
	if (running)
		violation_raise(ASSERTION, __builtin_return_address(0),
				"raise(SIG%s)", sigabbrev_np(signal));
	return raise(signal);
}

CALL int __wrap_atexit(void (*function)(void))
{
	return running ? add_handler(function) : atexit(function);
}

CALL int __wrap_at_quick_exit(void (*function)(void))
{
	return running ? 0 : at_quick_exit(function);
}
