/* SPDX-License-Identifier: MIT */
/*
 * One lock in 50 takes 20 us of CPU time and the others nothing: the 90th
 * percentile is short, and the 99th is not (M11).
 */
#include <pthread.h>

#include "../../primitives/mutex.h"
#include "_pause.h"

enum { ONE_IN = 50 };

struct sometimes {
	pthread_mutex_t inner;
	unsigned n; /* guarded by it */
};

static int init(void *mutex)
{
	struct sometimes *m = mutex;

	return pthread_mutex_init(&m->inner, NULL);
}

static void lock(void *mutex, void *node)
{
	struct sometimes *m = mutex;

	(void)node;
	pthread_mutex_lock(&m->inner);
	if (++m->n % ONE_IN == 0)
		pause_burning(20 * NS_PER_US);
}

static void unlock(void *mutex, void *node)
{
	(void)node;
	pthread_mutex_unlock(&((struct sometimes *)mutex)->inner);
}

REGISTER_MUTEX(
	.id = {
		.name = "sometimes",
		.brief = "known answer: one lock in 50 takes 20 us",
		.source = "planted",
		.unsupported = "a known answer has no try or timed form",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct sometimes),
	},
	.init = init,
	.lock = lock,
	.unlock = unlock);
