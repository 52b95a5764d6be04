/* SPDX-License-Identifier: MIT */
/*
 * A futex mutex whose waiter, when its deadline has passed, looks once more and
 * takes the word if it is free: without acquire, which all other ways in have.
 *
 * Bug:       late-take-relaxed
 * Source:    planted; a slow path without the acquire of the fast one was Linux
 *            commit 1c0908d8e441 (2022) for rtmutex (recalled)
 * Scenario:  a deadline that passes as the holder unlocks; the late one reads
 *            what the holder wrote
 * Violation: stale read, on a machine with a weaker memory order than x86; what
 *            shows on x86 is the missing edge from the last section
 */
#include "../../../../primitives/mutex.h"
#include "../canary.h"

enum { FREE, HELD, CONTENDED };

#if BROKEN
#define LATE memory_order_relaxed
#else
#define LATE memory_order_acquire
#endif

struct futex {
	_Atomic uint32_t word;
};

static bool take(struct futex *m, uint32_t as, memory_order order)
{
	uint32_t expected = FREE;

	return atomic_compare_exchange_strong_explicit(
		&m->word, &expected, as, order, memory_order_relaxed);
}

static int timedlock(void *mutex, void *node, uint64_t deadline)
{
	struct futex *m = mutex;

	(void)node;
	if (take(m, HELD, memory_order_acquire))
		return SYNC_OK;
	while (atomic_exchange_explicit(&m->word, CONTENDED,
					memory_order_acquire) != FREE)
		if (futex_wait(&m->word, CONTENDED, deadline) == ETIMEDOUT)
			return take(m, CONTENDED, LATE) ? SYNC_OK
							: SYNC_TIMEOUT;
	return SYNC_OK;
}

static void lock(void *mutex, void *node)
{
	timedlock(mutex, node, DEADLINE_NEVER);
}

static int trylock(void *mutex, void *node)
{
	(void)node;
	return take(mutex, HELD, memory_order_acquire) ? SYNC_OK : SYNC_BUSY;
}

static void unlock(void *mutex, void *node)
{
	struct futex *m = mutex;

	(void)node;
	if (atomic_exchange_explicit(&m->word, FREE, memory_order_release) ==
	    CONTENDED)
		futex_wake(&m->word, 1);
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("taken late, taken without acquire"),
		.source = "planted, after Linux commit 1c0908d8e441",
		.size = sizeof(struct futex),
	},
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock);
