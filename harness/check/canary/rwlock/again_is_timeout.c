/* SPDX-License-Identifier: MIT */
/*
 * A readers-writer lock in one futex word, whose timed forms take every failure
 * of the wait for the end of the time: also the one that says that the word is
 * not what it was, and which comes when others come and go.
 *
 * Bug:       rwlock-again-is-timeout
 * Source:    LLVM issue 203411 (2026), "[libc] EAGAIN/EWOULDBLOCK can be
 *            treated as ETIMEOUT in Mutex and RwLock"
 * Scenario:  a timed form with a deadline that is far away, as the lock changes
 *            hands
 * Violation: SYNC_TIMEOUT before the deadline
 * Caught by: perturb, faults
 * Explored by: late_writer_gives_way (assertion)
 */
#include "../../../../primitives/rwlock.h"
#include "../canary.h"

/* A writer is inside; others may sleep; steps of readers inside. */
enum { WRITER = 1, QUEUED = 2, READER = 4 };

struct rwlock {
	_Atomic uint32_t word;
};

static bool replace(struct rwlock *l, uint32_t *word, uint32_t by,
		    memory_order order)
{
	return atomic_compare_exchange_strong_explicit(
		&l->word, word, by, order, memory_order_relaxed);
}

static bool may_enter(uint32_t word, bool write)
{
	return write ? word <= QUEUED && !(word & WRITER) : !(word & WRITER);
}

/* The word in which we may not. */
static bool enter(struct rwlock *l, bool write, uint32_t *word)
{
	*word = atomic_load_explicit(&l->word, memory_order_relaxed);
	while (may_enter(*word, write))
		if (replace(l, word, *word + (write ? WRITER : READER),
			    memory_order_acquire))
			return true;
	return false;
}

static bool timed_out(int failure, uint64_t deadline)
{
#if BROKEN
	return failure && failure != EINTR && deadline != DEADLINE_NEVER;
#else
	(void)deadline;
	return failure == ETIMEDOUT;
#endif
}

static int timedlock(struct rwlock *l, bool write, uint64_t deadline)
{
	uint32_t word;

	while (!enter(l, write, &word)) {
		if (!(word & QUEUED) &&
		    !replace(l, &word, word | QUEUED, memory_order_relaxed))
			continue;
		if (timed_out(futex_wait(&l->word, word | QUEUED, deadline),
			      deadline))
			return enter(l, write, &word) ? SYNC_OK : SYNC_TIMEOUT;
	}
	return SYNC_OK;
}

static void rdlock(void *rwlock, void *node)
{
	(void)node;
	timedlock(rwlock, false, DEADLINE_NEVER);
}

static void wrlock(void *rwlock, void *node)
{
	(void)node;
	timedlock(rwlock, true, DEADLINE_NEVER);
}

static int timedrdlock(void *rwlock, void *node, uint64_t deadline)
{
	(void)node;
	return timedlock(rwlock, false, deadline);
}

static int timedwrlock(void *rwlock, void *node, uint64_t deadline)
{
	(void)node;
	return timedlock(rwlock, true, deadline);
}

static int tryrdlock(void *rwlock, void *node)
{
	uint32_t word;

	(void)node;
	return enter(rwlock, false, &word) ? SYNC_OK : SYNC_BUSY;
}

static int trywrlock(void *rwlock, void *node)
{
	uint32_t word;

	(void)node;
	return enter(rwlock, true, &word) ? SYNC_OK : SYNC_BUSY;
}

/* The last one out clears the word, and wakes those who slept. */
static void unlock(void *rwlock, void *node)
{
	struct rwlock *l = rwlock;
	uint32_t word = atomic_load_explicit(&l->word, memory_order_relaxed);
	uint32_t left;

	(void)node;
	do {
		left = word - (word & WRITER ? WRITER : READER);
		if (left == QUEUED)
			left = 0;
	} while (!replace(l, &word, left, memory_order_release));
	if (!left && (word & QUEUED))
		futex_wake_all(&l->word);
}

REGISTER_RWLOCK(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a wait that failed is one that timed out"),
		.source = "LLVM issue 203411",
		.size = sizeof(struct rwlock),
	},
	.rdlock = rdlock,
	.tryrdlock = tryrdlock,
	.timedrdlock = timedrdlock,
	.wrlock = wrlock,
	.trywrlock = trywrlock,
	.timedwrlock = timedwrlock,
	.unlock = unlock);
