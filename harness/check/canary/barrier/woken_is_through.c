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

static void sleep_until_over(struct barrier *b, uint32_t round)
{
	/* [B] */
#if BROKEN
	if (atomic_load_explicit(&b->round, memory_order_acquire) == round)
#else
	while (atomic_load_explicit(&b->round, memory_order_acquire) == round)
#endif
		futex_wait(&b->round, round, DEADLINE_NEVER);
	/* [B] */
	(void)atomic_load_explicit(&b->round, memory_order_acquire);
}

static int wait(void *barrier, uint64_t deadline, unsigned *index)
{
	struct barrier *b = barrier;
	/* It cannot change before this thread has arrived. */
	uint32_t round = atomic_load_explicit(&b->round, memory_order_relaxed);
	/* [A] pairs with itself in those who come later */
	uint32_t place =
		b->parties - 1 -
		atomic_fetch_add_explicit(&b->arrived, 1, memory_order_acq_rel);

	(void)deadline; /* never */
	if (place == 0) {
		atomic_store_explicit(&b->arrived, 0, memory_order_relaxed);
		/* pairs with [B] */
		atomic_store_explicit(&b->round, round + 1,
				      memory_order_release);
		futex_wake_all(&b->round);
	} else {
		sleep_until_over(b, round);
	}
	if (index)
		*index = place;
	return SYNC_OK;
}

REGISTER_BARRIER(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("sleeps once, in no loop"),
		.source = "HPX pull request 7611",
		.unsupported = "a canary that nothing breaks",
		.flags = IMPL_NEEDS_INIT,
		.size = sizeof(struct barrier),
	},
	.init = init,
	.wait = wait);
