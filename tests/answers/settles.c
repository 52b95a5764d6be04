/* SPDX-License-Identifier: MIT */
/*
 * Costs nothing for 10 ms and then 1 ms a lock: what a window of less than a
 * thousand operations a second must not have seen is its beginning (M1, M22).
 */
#include <pthread.h>

#include "../../primitives/mutex.h"
#include "_pause.h"

struct settles {
	pthread_mutex_t inner;
	uint64_t until; /* constant after init */
};

static int init(void *mutex)
{
	struct settles *m = mutex;

	m->until = deadline_in(10 * NS_PER_MS);
	return pthread_mutex_init(&m->inner, NULL);
}

static void lock(void *mutex, void *node)
{
	struct settles *m = mutex;

	(void)node;
	pthread_mutex_lock(&m->inner);
	if (deadline_passed(m->until))
		pause_asleep(NS_PER_MS);
}

static void unlock(void *mutex, void *node)
{
	(void)node;
	pthread_mutex_unlock(&((struct settles *)mutex)->inner);
}

REGISTER_MUTEX(
	.id = {
		.name = "settles",
		.brief = "known answer: costs nothing for 10 ms, then 1 ms a lock",
		.source = "planted",
		.unsupported = "a known answer has no try or timed form",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct settles),
	},
	.init = init,
	.lock = lock,
	.unlock = unlock);
