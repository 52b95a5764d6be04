/* SPDX-License-Identifier: MIT */
/*
 * Each lock takes 0.5 ms more, asleep and with the lock held: a server that
 * serves one at a time, so that any number of threads has less than 500
 * operations a second, and an operation that nobody disturbs waits at least 2
 * ms.
 */
#include <pthread.h>

#include "../../primitives/mutex.h"
#include "_pause.h"

static int init(void *mutex)
{
	return pthread_mutex_init(mutex, NULL);
}

static void lock(void *mutex, void *node)
{
	(void)node;
	pthread_mutex_lock(mutex);
	pause_asleep(500 * NS_PER_US);
}

static void unlock(void *mutex, void *node)
{
	(void)node;
	pthread_mutex_unlock(mutex);
}

REGISTER_MUTEX(
	.id = {
		.name = "delay",
		.brief = "known answer: sleeps 0.5 ms in lock, while it has it",
		.source = "planted",
		.unsupported = "a known answer has no try or timed form",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(pthread_mutex_t),
	},
	.init = init,
	.lock = lock,
	.unlock = unlock);
