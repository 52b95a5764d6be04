/* SPDX-License-Identifier: MIT */
/*
 * What the library exports, made from the list in calls.h: of each call
 *
 *	answer_name     what the program gets as name: a jump through the table
 *	first_name      stands in the table until the library has started: the
 *	                first calls may come before any constructor has run
 *	__wrap_name     what name means to the implementations in this library
 *	                (ld --wrap): the C library's own, not our answer
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

/*
 * dlvsym wants a version, and passes by what has none: another interposer, or a
 * program, would get the C library's condition for a mutex of ours. So each
 * call has all versions that any of them has had (versions.ld). The newest is
 * the default, for who asks for none.
 */
#ifdef __x86_64__
#define FIRST_VERSION "GLIBC_2.2.5"
#else
#define FIRST_VERSION "GLIBC_2.17"
#endif
#define AT(name, symbol, n, version)                                           \
	".globl at" #n "_" #symbol "\n"                                        \
	".set at" #n "_" #symbol ", answer_" #name "\n"                        \
	".symver at" #n "_" #symbol ", " #symbol version ", remove\n"

#define ANSWER(result, name, parameters, arguments)                            \
	PUBLIC result answer_##name parameters;                                \
	PUBLIC result answer_##name parameters                                 \
	{                                                                      \
		return answers.name arguments;                                 \
	}                                                                      \
	__asm__(AT(name, name, 1, "@" FIRST_VERSION)                           \
			AT(name, name, 2, "@GLIBC_2.3.2")                      \
				AT(name, name, 3, "@GLIBC_2.30")               \
					AT(name, name, 4, "@@GLIBC_2.34"));
ALL_CALLS(ANSWER)

#define INNER(result, name, parameters, arguments)                             \
	result __wrap_##name parameters;                                       \
	result __wrap_##name parameters                                        \
	{                                                                      \
		return libc.name arguments;                                    \
	}
ALL_CALLS(INNER)

/* The C library exports some calls under a second name as well. */
#define ALSO(name) __asm__(AT(name, __##name, 1, "@@" FIRST_VERSION));
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
