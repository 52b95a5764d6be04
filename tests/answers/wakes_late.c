/* SPDX-License-Identifier: MIT */
/*
 * Who waits is woken 0.5 ms late, asleep. Of two threads each then waits for
 * both wake-ups, 1 ms, and burns no CPU time meanwhile.
 */
#include "_pause.h"
#include "_ring.h"

static unsigned turns(unsigned seat, uint64_t round)
{
	(void)seat, (void)round;
	return 1;
}

static int init(void *mutex)
{
	return ring_init(mutex, turns);
}

static void lock(void *mutex, void *node)
{
	(void)node;
	ring_lock(mutex);
	pause_asleep(500 * NS_PER_US);
}

static void unlock(void *mutex, void *node)
{
	(void)node;
	ring_unlock(mutex);
}

REGISTER_MUTEX(
	.id = {
		.name = "wakes_late",
		.brief = "known answer: a waiter sleeps 0.5 ms more when it is its turn",
		.source = "planted",
		.unsupported = "a known answer has no try or timed form",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct ring),
	},
	.init = init,
	.lock = lock,
	.unlock = unlock);
