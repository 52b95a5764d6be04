/* SPDX-License-Identifier: MIT */
/*
 * A stock client: the smallest program that uses an implementation in one way
 * that its contract allows, for the explorer to run in every way.
 *
 *	CLIENT(mutex, exclusion_2, .threads = 2, .about = "two sections each")
 *	{
 *		const struct mutex_impl *m = impl;
 *		...
 *	}
 *
 * It runs as main would: it creates its threads with pthread_create, joins
 * them, frees what it has allocated, and says what has to hold with assert. It
 * must end in every execution of a correct implementation, use no time, no
 * randomness and no output, and be small: each event more can double the number
 * of executions. One that the implementation cannot do (a NULL operation) names
 * it in .needs: it is then left out, aloud.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "../../../primitives/register.h"

enum client_size { CLIENT_SMALL, CLIENT_LARGE /* left to make explore */ };

struct client {
	const char *kind, *name, *about;
	unsigned threads; /* that run at the same time, main not counted */
	enum client_size size;
	/* NULL, or why this implementation cannot do it */
	const char *(*lacks)(const void *impl);
	void (*run)(const void *impl);
};

#define CLIENT(kind_, name_, ...)                                              \
	static void client_##kind_##_##name_(const void *impl);                \
	static const struct client description_##kind_##_##name_ = {           \
		.kind = #kind_,                                                \
		.name = #name_,                                                \
		.run = client_##kind_##_##name_,                               \
		__VA_ARGS__                                                    \
	};                                                                     \
	__attribute__((section("synclab_client"), used,                        \
		       retain)) static const struct client                     \
		*const client_entry_##kind_##_##name_ =                        \
			&description_##kind_##_##name_;                        \
	static void client_##kind_##_##name_(const void *impl)

#endif
