/* SPDX-License-Identifier: MIT */
/*
 * A monitor that lets a fast thread into the next round before all are out of
 * the last: it counts itself in before a slow waiter has seen the count at 0,
 * which then sleeps on.
 *
 * Bug:       pub-barrier-next-round-in
 * Source:    libuv commit 964f79f7c (2023), "barrier: wait for prior out before
 *            next in", issue 3872
 * Scenario:  two threads, two rounds
 * Violation: deadlock
 * Caught by: all
 * Explored by: two_rounds_2 (deadlock)
 */
#include <pthread.h>

#include "../../../../primitives/barrier.h"
#include "../canary.h"

struct barrier {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	unsigned parties, in, out;
};

static int init(void *barrier, unsigned parties)
{
	struct barrier *b = barrier;

	if (parties == 0)
		return SYNC_INVALID;
	b->parties = parties;
	b->in = b->out = 0;
	pthread_cond_init(&b->changed, NULL);
	return pthread_mutex_init(&b->mutex, NULL);
}

static void destroy(void *barrier)
{
	struct barrier *b = barrier;

	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->mutex);
}

static int wait(void *barrier, uint64_t deadline, unsigned *index)
{
	struct barrier *b = barrier;
	unsigned place;

	(void)deadline; /* never */
	pthread_mutex_lock(&b->mutex);
#if !BROKEN
	while (b->out)
		pthread_cond_wait(&b->changed, &b->mutex);
#endif
	place = b->parties - ++b->in;
	if (place == 0) {
		b->in = 0;
		b->out = b->parties;
		pthread_cond_broadcast(&b->changed);
	} else {
		while (b->in)
			pthread_cond_wait(&b->changed, &b->mutex);
	}
	if (--b->out == 0)
		pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->mutex);
	if (index)
		*index = place;
	return SYNC_OK;
}

REGISTER_BARRIER(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("the next round begins too early"),
		.source = "libuv commit 964f79f7c",
		.unsupported = "a canary that nothing breaks",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct barrier),
	},
	.init = init,
	.destroy = destroy,
	.wait = wait);
