/* SPDX-License-Identifier: MIT */
/*
 * The C library's thread-specific data: one pthread key a local.
 *
 * Source: POSIX.1-2017, pthread_key_create. glibc 2.36 keeps 32 values in the
 * thread's descriptor and more in tables made on demand, each with the sequence
 * number of its key.
 *
 * Edges: none are needed.
 *
 * Progress: get is wait-free. Costs: get and set a call, a bounds check and a
 * compare. Loses to a _Thread_local table by the call. At most 1024 locals in
 * the whole process, other libraries' keys included. In glibc a key that is
 * deleted and made anew while a thread ends may, in a window of a few
 * instructions, have its new destructor called with an old value.
 */
#include <pthread.h>

#include "../local.h"

static int init(void *local, void (*destructor)(void *value))
{
	int r = pthread_key_create(local, destructor);

	return r == EAGAIN ? SYNC_OVERFLOW : r;
}

static void destroy(void *local)
{
	pthread_key_delete(*(pthread_key_t *)local);
}

static inline void *get(void *local)
{
	return pthread_getspecific(*(pthread_key_t *)local);
}

static inline int set(void *local, void *value)
{
	return pthread_setspecific(*(pthread_key_t *)local, value);
}

REGISTER_LOCAL(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "pthread_key_t of the C library",
		.source = "POSIX.1-2017",
		.flags = IMPL_NEEDS_INIT,
		.size = sizeof(pthread_key_t),
	},
	.init = init,
	.destroy = destroy,
	.get = get,
	.set = set);
