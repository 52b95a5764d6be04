/* SPDX-License-Identifier: MIT */
/*
 * Each lock uses 0.1 ms of CPU time, however long that takes, and making it
 * used 50 ms, which belong to no operation.
 */
#include <pthread.h>

#include "../../primitives/mutex.h"
#include "_pause.h"

static int init(void *mutex)
{
	pause_burning(50 * NS_PER_MS);
	return pthread_mutex_init(mutex, NULL);
}

static void lock(void *mutex, void *node)
{
	(void)node;
	pthread_mutex_lock(mutex);
	pause_burning(100 * NS_PER_US);
}

static void unlock(void *mutex, void *node)
{
	(void)node;
	pthread_mutex_unlock(mutex);
}

REGISTER_MUTEX(
	.id = {
		.name = "burns",
		.brief = "known answer: each lock uses 0.1 ms of CPU time, and init 50",
		.source = "planted",
		.unsupported = "a known answer has no try or timed form",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(pthread_mutex_t),
	},
	.init = init,
	.lock = lock,
	.unlock = unlock);
