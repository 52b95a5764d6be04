/* SPDX-License-Identifier: MIT */
/*
 * A futex mutex whose woken waiter forgets that others still sleep: it takes
 * the word as HELD, so its own unlock wakes nobody.
 *
 * Bug:       pub-lock-woken-forgets-waiters
 * Source:    musl commits e7655ed3 (2012) and 0db393d3 (2018)
 * Scenario:  a holder, two waiters asleep; the first that is woken forgets the
 *            second
 * Violation: lost wake-up
 * Caught by: all
 * Explored by: try_3 (deadlock)
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

static void lock(void *mutex, void *node)
{
	struct futex *m = mutex;
	uint32_t held = HELD;

	(void)node;
#if BROKEN
	while (!take(m)) {
#else
	if (take(m))
		return;
	/* whoever has slept may have others behind it */
	while (atomic_exchange_explicit(&m->word, CONTENDED,
					memory_order_acquire) != FREE) {
#endif
		held = HELD;
		if (atomic_compare_exchange_strong_explicit(
			    &m->word, &held, CONTENDED, memory_order_relaxed,
			    memory_order_relaxed) ||
		    held == CONTENDED)
			futex_wait(&m->word, CONTENDED, DEADLINE_NEVER);
	}
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
		.brief = CANARY_BRIEF("a woken waiter forgets the others"),
		.source = "musl commits e7655ed3 and 0db393d3",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct futex),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
