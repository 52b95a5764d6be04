/* SPDX-License-Identifier: MIT */
/*
 * A spinning barrier whose last arrival does not take the count back: in the
 * second round everybody is the last one, and passes alone.
 *
 * Bug:       pub-barrier-not-reset
 * Source:    spin-rs commit 01a89aff (2019), "fix bug to ensure barrier is
 *            reusable"
 * Scenario:  two threads, two rounds
 * Violation: passes before all have come; several serial threads
 * Caught by: all
 * Explored by: two_rounds_2 (assertion)
 */
#include <pthread.h>

#include "../../../../primitives/barrier.h"
#include "../canary.h"

struct barrier {
	pthread_mutex_t mutex;
	unsigned parties, arrived; /* under the mutex */
	_Atomic uint64_t round;	   /* written under it */
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

/* Is the caller, who comes in *round, the last one? Then the round is over. */
static bool arrive(struct barrier *b, uint64_t *round, unsigned *place)
{
	bool last;

	pthread_mutex_lock(&b->mutex);
	*round = atomic_load_explicit(&b->round, memory_order_relaxed);
	last = ++b->arrived >= b->parties;
	*place = last ? 0 : b->parties - b->arrived;
	if (last) {
#if !BROKEN
		b->arrived = 0;
#endif
		/* pairs with the acquire in wait */
		atomic_store_explicit(&b->round, *round + 1,
				      memory_order_release);
	}
	pthread_mutex_unlock(&b->mutex);
	return last;
}

static int wait(void *barrier, uint64_t deadline, unsigned *index)
{
	struct barrier *b = barrier;
	struct spinner s = { 0 };
	unsigned place;
	uint64_t round;

	if (!arrive(b, &round, &place))
		while (atomic_load_explicit(&b->round, memory_order_acquire) ==
		       round)
			spin_once(&s, deadline);
	if (index)
		*index = place;
	return SYNC_OK;
}

REGISTER_BARRIER(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("the count is not reset"),
		.source = "spin-rs commit 01a89aff",
		.unsupported = "a canary that nothing breaks",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct barrier),
	},
	.init = init,
	.wait = wait);
