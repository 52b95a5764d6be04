/* SPDX-License-Identifier: MIT */
/*
 * A futex mutex whose timed form takes every error of the futex call for an
 * answer: EAGAIN, because the word has changed since, or EINTR, because a
 * signal came. Neither says that the deadline has passed.
 *
 * Bug:       timed-leaks-errno
 * Source:    glibc bug 26964, commit 61855081017d (2020)
 * Scenario:  a holder unlocks as a waiter with a deadline is about to sleep, or
 *            a signal reaches the sleeper
 * Violation: wrong answer
 * Caught by: faults, histories
 * Explored by: timed_2 (assertion)
 */
#include "../../../../primitives/mutex.h"
#include "../canary.h"

enum { FREE, HELD, CONTENDED };

struct futex {
	_Atomic uint32_t word;
};

static bool take(struct futex *m)
{
	uint32_t expected = FREE;

	return atomic_compare_exchange_strong_explicit(&m->word, &expected,
						       HELD,
						       memory_order_acquire,
						       memory_order_relaxed);
}

static int timedlock(void *mutex, void *node, uint64_t deadline)
{
	struct futex *m = mutex;
	int error;

	(void)node;
	if (take(m))
		return SYNC_OK;
	while (atomic_exchange_explicit(&m->word, CONTENDED,
					memory_order_acquire) != FREE) {
		error = futex_wait(&m->word, CONTENDED, deadline);
#if BROKEN
		if (error)
			return error;
#else
		if (error == ETIMEDOUT)
			return SYNC_TIMEOUT;
#endif
	}
	return SYNC_OK;
}

static void lock(void *mutex, void *node)
{
	while (timedlock(mutex, node, DEADLINE_NEVER))
		continue;
}

static int trylock(void *mutex, void *node)
{
	(void)node;
	return take(mutex) ? SYNC_OK : SYNC_BUSY;
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
		.brief = CANARY_BRIEF("the futex's errors are answers"),
		.source = "glibc bug 26964",
		.size = sizeof(struct futex),
	},
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock);
