/* SPDX-License-Identifier: MIT */
/*
 * The first thread has a turn only in each twentieth round. Of three threads
 * the other two have 40 turns between two of its own, and its share is 1/41:
 * 0.073 of an equal one.
 */
#include "_ring.h"

enum { ROUNDS = 20 };

static unsigned turns(unsigned seat, uint64_t round)
{
	return seat > 0 || round % ROUNDS == 0;
}

static int init(void *mutex)
{
	return ring_init(mutex, turns);
}

static void lock(void *mutex, void *node)
{
	(void)node;
	ring_lock(mutex);
}

static void unlock(void *mutex, void *node)
{
	(void)node;
	ring_unlock(mutex);
}

REGISTER_MUTEX(
	.id = {
		.name = "starves",
		.brief = "known answer: the first thread has a turn in 20 rounds",
		.source = "planted",
		.unsupported = "a known answer has no try or timed form",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct ring),
	},
	.init = init,
	.lock = lock,
	.unlock = unlock);
