/* SPDX-License-Identifier: MIT */
/*
 * A futex barrier that takes every return from the sleep for the end of its
 * round, a signal handler's and a spurious one too.
 *
 * Bug:       barrier-woken-is-through
 * Source:    HPX pull request 7611 (2026), "Fix spurious wakeup vulnerability
 *            in hpx::barrier"; review of mlibc pull request 600 (2022)
 * Scenario:  two threads, the first one sleeps and is interrupted
 * Violation: passes before all have come
 */
#include <pthread.h>

#include "../../../../primitives/barrier.h"
#include "../canary.h"

struct barrier {
	pthread_mutex_t mutex;
	unsigned parties, arrived; /* under the mutex */
	_Atomic uint32_t round;	   /* written under it */
};

static int init(void *barrier, unsigned parties)
{
	if (parties == 0)
		return SYNC_INVALID;
	*(struct barrier *)barrier = (struct barrier){
		.mutex = PTHREAD_MUTEX_INITIALIZER,
		.parties = parties,
	};
	return SYNC_OK;
}

/* The caller's place in *round; 0: it has ended it. */
static unsigned arrive(struct barrier *b, uint32_t *round)
{
	unsigned place;

	pthread_mutex_lock(&b->mutex);
	*round = atomic_load_explicit(&b->round, memory_order_relaxed);
	place = b->parties - ++b->arrived;
	if (place == 0) {
		b->arrived = 0;
		/* pairs with the acquire below */
		atomic_store_explicit(&b->round, *round + 1,
				      memory_order_release);
	}
	pthread_mutex_unlock(&b->mutex);
	return place;
}

static bool is_over(struct barrier *b, uint32_t round)
{
	return atomic_load_explicit(&b->round, memory_order_acquire) != round;
}

static int wait(void *barrier, uint64_t deadline, unsigned *index)
{
	struct barrier *b = barrier;
	uint32_t round;
	unsigned place = arrive(b, &round);

	(void)deadline; /* never */
	if (index)
		*index = place;
	if (place == 0) {
		futex_wake_all(&b->round);
		return SYNC_OK;
	}
#if BROKEN
	if (!is_over(b, round))
#else
	while (!is_over(b, round))
#endif
		futex_wait(&b->round, round, DEADLINE_NEVER);
	return SYNC_OK;
}

REGISTER_BARRIER(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("sleeps once, in no loop"),
		.source = "HPX pull request 7611",
		.unsupported = "a canary that nothing breaks",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct barrier),
	},
	.init = init,
	.wait = wait);
