/* SPDX-License-Identifier: MIT */
/*
 * A spinning barrier whose arrivals publish nothing: the last one to come lets
 * all others go by a release store, without having acquired what the earlier
 * ones did before they came.
 *
 * Bug:       barrier-arrival-relaxed
 * Source:    LLVM pull request 213845 (2026), "Fix dist barrier arrival
 *            synchronization": there each thread has a flag of its own
 * Scenario:  two threads, one round; each reads what the other one has written
 * Violation: stale read (never on x86, where a fetch_add is a full fence)
 */
#include "../../../../primitives/barrier.h"
#include "../canary.h"

struct barrier {
	_Atomic uint32_t arrived; /* of this round */
	_Atomic uint32_t round;
	uint32_t parties;
};

static int init(void *barrier, unsigned parties)
{
	struct barrier *b = barrier;

	if (parties == 0)
		return SYNC_INVALID;
	b->parties = parties;
	atomic_init(&b->arrived, 0);
	atomic_init(&b->round, 0);
	return SYNC_OK;
}

static uint32_t arrive(struct barrier *b)
{
#if BROKEN
	return atomic_fetch_add_explicit(&b->arrived, 1, memory_order_relaxed);
#else
	/* [A] pairs with itself in those who come later */
	return atomic_fetch_add_explicit(&b->arrived, 1, memory_order_acq_rel);
#endif
}

static int wait(void *barrier, uint64_t deadline, unsigned *index)
{
	struct barrier *b = barrier;
	struct spinner s = { 0 };
	/* It cannot change before this thread has arrived. */
	uint32_t round = atomic_load_explicit(&b->round, memory_order_relaxed);
	uint32_t place = b->parties - 1 - arrive(b);

	if (place == 0) {
		atomic_store_explicit(&b->arrived, 0, memory_order_relaxed);
		/* [B] pairs with the load below */
		atomic_store_explicit(&b->round, round + 1,
				      memory_order_release);
	} else {
		/* [B] */
		while (atomic_load_explicit(&b->round, memory_order_acquire) ==
		       round)
			spin_once(&s, deadline);
	}
	if (index)
		*index = place;
	return SYNC_OK;
}

REGISTER_BARRIER(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("arrivals are relaxed"),
		.source = "LLVM pull request 213845",
		.unsupported = "a canary that nothing breaks",
		.flags = IMPL_NEEDS_INIT,
		.size = sizeof(struct barrier),
	},
	.init = init,
	.wait = wait);
