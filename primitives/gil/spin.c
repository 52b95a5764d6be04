/* SPDX-License-Identifier: MIT */
/*
 * CPython's GIL with waiters that look at the clock instead of sleeping.
 *
 * Source: A. Pitrou, "Reworking the GIL" (python-dev, October 2009) and
 * CPython 3.2 to 3.12, ceval_gil. The algorithm, with its words, is in
 * _words.h; the lock word is a test-and-test-and-set lock.
 *
 * State  0 free, 1 held
 *
 * Edges  [A] acquire of the exchange that takes the word pairs with [B]
 *        [B] release store in lock_free pairs with [A]
 *
 * Progress: barging; a waiter spins, then yields its time slice, and asks for
 * a drop an interval after it has come. A waiter that does not look while the
 * lock is free for a moment does not restart its interval.
 * Costs: acquire one atomic read-modify-write, release a store, yield a load;
 * a hand-over is one cache line instead of a wake. Loses wherever there are
 * more threads than cores: every waiter is runnable all the time. Release waits
 * for the taker if a drop was requested; destroy when all have returned.
 */
#include "_words.h"

static inline bool lock_take(struct words *g)
{
	/* [A] */
	return !atomic_exchange_explicit(&g->lock, 1, memory_order_acquire);
}

static inline void lock_free(struct words *g)
{
	/* [B] */
	atomic_store_explicit(&g->lock, 0, memory_order_release);
}

static enum outcome lock_await(struct words *g, uint64_t deadline)
{
	struct spinner s = { 0 };

	/* load before the exchange: spinning keeps the line shared */
	while (atomic_load_explicit(&g->lock, memory_order_relaxed))
		if (!spin_once(&s, deadline))
			return TIMED_OUT;
	return lock_take(g) ? TAKEN : LOST;
}

static void taken_await(struct words *g, uint32_t before)
{
	struct spinner s = { 0 };

	/* relaxed: whoever returns to the data acquires the lock first */
	while (atomic_load_explicit(&g->taken, memory_order_relaxed) == before)
		spin_once(&s, DEADLINE_NEVER);
}

static void taken_wake(struct words *g)
{
	(void)g; /* it looks by itself */
}

REGISTER_GIL(
	.id = {
		.name = "spin",
		.family = SPIN,
		.brief = "CPython's algorithm; waiters spin by the clock",
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
