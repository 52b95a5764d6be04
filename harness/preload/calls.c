/* SPDX-License-Identifier: MIT */
/*
 * What the library exports, made from the list in calls.h: of each call
 *
 *	name            what the program gets: a jump through the table
 *	first_name      stands in the table until the library has started: the
 *	                first calls may come before any constructor has run
 *	__wrap_name     what name means to the implementations in this library
 *	                (ld --wrap): the C library's own, never an answer of
 *ours
 *
 * The return address of an answer is therefore the program's call site.
 */
#include "calls.h"

#include "start.h"

#define PUBLIC __attribute__((visibility("default")))

struct calls libc, below;

#define FIRST(result, name, parameters, arguments)                             \
	static result first_##name parameters                                  \
	{                                                                      \
		return start_calls()->name arguments;                          \
	}
ALL_CALLS(FIRST)

#define FIRST_MEMBER(result, name, parameters, arguments) .name = first_##name,
struct calls answers = { ALL_CALLS(FIRST_MEMBER) };

#define ANSWER(result, name, parameters, arguments)                            \
	PUBLIC result name parameters                                          \
	{                                                                      \
		return answers.name arguments;                                 \
	}
ALL_CALLS(ANSWER)

#define INNER(result, name, parameters, arguments)                             \
	result __wrap_##name parameters;                                       \
	result __wrap_##name parameters                                        \
	{                                                                      \
		return libc.name arguments;                                    \
	}
ALL_CALLS(INNER)

/* The C library exports some calls under a second name as well. */
#define ALSO(name)                                                             \
	__asm__(".globl __" #name "\n.type __" #name                           \
		", @function\n.set __" #name ", " #name);
ALSO(pthread_mutex_init)
ALSO(pthread_mutex_destroy)
ALSO(pthread_mutex_lock)
ALSO(pthread_mutex_trylock)
ALSO(pthread_mutex_unlock)
ALSO(pthread_rwlock_init)
ALSO(pthread_rwlock_destroy)
ALSO(pthread_rwlock_rdlock)
ALSO(pthread_rwlock_tryrdlock)
ALSO(pthread_rwlock_wrlock)
ALSO(pthread_rwlock_trywrlock)
ALSO(pthread_rwlock_unlock)
ALSO(pthread_once)
