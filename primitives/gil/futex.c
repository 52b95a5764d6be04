/* SPDX-License-Identifier: MIT */
/*
 * CPython's GIL on futex words: drop request after an interval, forced switch.
 *
 * Source: A. Pitrou, "Reworking the GIL" (python-dev, October 2009) and
 * CPython 3.2 to 3.12, ceval_gil; the lock word is mutex2 of U. Drepper,
 * "Futexes Are Tricky" (2011). The rest, with its words, is in _words.h.
 *
 * State  FREE       nobody holds it
 *        HELD       held; nobody sleeps on it
 *        CONTENDED  held; somebody may sleep. May be stale (the last sleeper
 *                   has just timed out): the price is one needless wake.
 *
 * Edges  [A] acquire of the exchange or compare-exchange that takes the word
 *            pairs with [B]
 *        [B] release of the exchange in lock_free pairs with [A]
 *
 * Progress: barging, as in CPython, so a thread that releases and acquires in
 * turn may win for ever; one that only yields gives it up an interval after a
 * waiter has come. No spin before the sleep: the lock is held for an interval.
 * Costs: acquire and release one atomic read-modify-write each, yield one load;
 * a forced switch two sleeps and two wakes. As in CPython release, too, waits
 * for the taker if a drop was requested; destroy when all have returned.
 */
#include "_words.h"

enum { FREE, HELD, CONTENDED };

static inline bool lock_take(struct words *g)
{
	uint32_t expected = FREE;

	/* [A]; the failure order is relaxed: nothing was acquired */
	return atomic_compare_exchange_strong_explicit(&g->lock, &expected,
						       HELD,
						       memory_order_acquire,
						       memory_order_relaxed);
}

/* As CONTENDED, so that no other sleeper is forgotten. */
static bool lock_take_contended(struct words *g)
{
	/* [A] */
	return atomic_exchange_explicit(&g->lock, CONTENDED,
					memory_order_acquire) == FREE;
}

static inline void lock_free(struct words *g)
{
	/* [B] */
	if (unlikely(atomic_exchange_explicit(&g->lock, FREE,
					      memory_order_release) ==
		     CONTENDED))
		futex_wake(&g->lock, 1);
}

static enum outcome lock_await(struct words *g, uint64_t deadline)
{
	int r;

	do {
		if (lock_take_contended(g))
			return TAKEN;
		r = futex_wait(&g->lock, CONTENDED, deadline);
	} while (r == EINTR || r == EAGAIN);
	if (lock_take_contended(g))
		return TAKEN;
	return r == ETIMEDOUT ? TIMED_OUT : LOST;
}

static void taken_await(struct words *g, uint32_t before)
{
	/* relaxed: whoever returns to the data acquires the lock first */
	while (atomic_load_explicit(&g->taken, memory_order_relaxed) == before)
		futex_wait(&g->taken, before, DEADLINE_NEVER);
}

static void taken_wake(struct words *g)
{
	futex_wake_all(&g->taken);
}

REGISTER_GIL(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "CPython's algorithm on three futex words",
		.source = "Pitrou, Reworking the GIL (2009); CPython ceval_gil",
		.flags = IMPL_NEEDS_INIT,
		.size = sizeof(struct words),
		.age = words_age,
	},
	.init = init,
	.acquire = acquire,
	.release = release,
	.yield = yield,
	.set_interval = set_interval,
	.switches = switches);
