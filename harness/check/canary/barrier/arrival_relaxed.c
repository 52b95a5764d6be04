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

#define ROUND (UINT64_C(1) << 32)

struct barrier {
	_Atomic uint64_t state; /* rounds so far, arrived of this one */
	uint32_t parties;
};

static int init(void *barrier, unsigned parties)
{
	struct barrier *b = barrier;

	if (parties == 0)
		return SYNC_INVALID;
	b->parties = parties;
	atomic_init(&b->state, 0);
	return SYNC_OK;
}

/* Join the round, or end it: [B] pairs with the load in wait. */
static bool swap(struct barrier *b, uint64_t *s, uint64_t next)
{
#if BROKEN
	if (next / ROUND == *s / ROUND)
		return atomic_compare_exchange_weak_explicit(
			&b->state, s, next, memory_order_relaxed,
			memory_order_relaxed);
	return atomic_compare_exchange_weak_explicit(
		&b->state, s, next, memory_order_release, memory_order_relaxed);
#else
	/* [A] pairs with itself in those who come later */
	return atomic_compare_exchange_weak_explicit(
		&b->state, s, next, memory_order_acq_rel, memory_order_relaxed);
#endif
}

/* The state that the caller's arrival has found. */
static uint64_t arrive(struct barrier *b)
{
	uint64_t s = atomic_load_explicit(&b->state, memory_order_relaxed);
	uint64_t next;

	do {
		next = s + 1;
		if (next % ROUND == b->parties)
			next = (s / ROUND + 1) * ROUND;
	} while (!swap(b, &s, next));
	return s;
}

static int wait(void *barrier, uint64_t deadline, unsigned *index)
{
	struct barrier *b = barrier;
	struct spinner s = { 0 };
	uint64_t mine = arrive(b);

	if (index)
		*index = (unsigned)(b->parties - 1 - mine % ROUND);
	if (mine % ROUND == b->parties - 1)
		return SYNC_OK;
	/* [B] */
	while (atomic_load_explicit(&b->state, memory_order_acquire) / ROUND ==
	       mine / ROUND)
		spin_once(&s, deadline);
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
