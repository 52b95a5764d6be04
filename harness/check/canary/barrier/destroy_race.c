/* SPDX-License-Identifier: MIT */
/*
 * A barrier that one party may destroy as soon as its own wait has returned,
 * while the others, on their way out, still look at the round.
 *
 * Bug:       pub-barrier-destroy-race
 * Source:    glibc bug 13065, commit b02840bacd (2015); libuv commits e49ef4f30
 *            and 49b8a9f18; DPDK commit 34cc55cce6
 * Scenario:  one round of two threads; the serial one destroys and frees
 * Violation: use after free
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: freed_by_serial (use after free)
 */
#include "../../../../primitives/barrier.h"
#include "../canary.h"

#define ROUND (UINT64_C(1) << 32)

struct barrier {
	_Atomic uint64_t state; /* rounds so far, arrived of this one */
	_Atomic uint32_t inside;
	uint32_t parties;
};

static int init(void *barrier, unsigned parties)
{
	struct barrier *b = barrier;

	if (parties == 0)
		return SYNC_INVALID;
	b->parties = parties;
	atomic_init(&b->state, 0);
	atomic_init(&b->inside, 0);
	return SYNC_OK;
}

static void destroy(void *barrier)
{
	struct barrier *b = barrier;

#if BROKEN
	(void)b;
#else
	struct spinner s = { 0 };

	/* acquire pairs with the release in wait */
	while (atomic_load_explicit(&b->inside, memory_order_acquire))
		spin_once(&s, DEADLINE_NEVER);
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
	} while (!atomic_compare_exchange_weak_explicit(&b->state, &s, next,
							memory_order_acq_rel,
							memory_order_relaxed));
	return s;
}

static int wait(void *barrier, uint64_t deadline, unsigned *index)
{
	struct barrier *b = barrier;
	struct spinner s = { 0 };
	uint64_t mine;

	atomic_fetch_add_explicit(&b->inside, 1, memory_order_relaxed);
	mine = arrive(b);
	if (index)
		*index = (unsigned)(b->parties - 1 - mine % ROUND);
	if (mine % ROUND != b->parties - 1)
		while (atomic_load_explicit(&b->state, memory_order_acquire) /
			       ROUND ==
		       mine / ROUND)
			spin_once(&s, deadline);
	/* the last access */
	atomic_fetch_sub_explicit(&b->inside, 1, memory_order_release);
	return SYNC_OK;
}

REGISTER_BARRIER(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("destroy does not wait for the others"),
		.source = "glibc bug 13065",
		.unsupported = "a canary that nothing breaks",
		.flags = IMPL_NEEDS_INIT | IMPL_DESTROY_WAITS,
		.size = sizeof(struct barrier),
	},
	.init = init,
	.destroy = destroy,
	.wait = wait);
