/* SPDX-License-Identifier: MIT */
/*
 * The three-state futex mutex with an owner and a depth beside it; barging.
 *
 * Source: U. Drepper, "Futexes Are Tricky" (2011), section 6, mutex2, for the
 * word; owner and depth as in Java's ReentrantLock (D. Lea, "The
 * java.util.concurrent synchronizer framework", 2005).
 *
 * State  FREE       nobody holds it; owner and depth are 0
 *        HELD       held; nobody sleeps
 *        CONTENDED  held; somebody may sleep. May be stale (the last sleeper
 *                   has timed out): the price is one needless wake.
 *        owner and depth: see _owned.h
 *
 * Edges  [A] acquire of the exchange or compare-exchange that takes the word
 *            pairs with [B], so that a section sees the one before it, and
 *            depth, which is plain, has no race
 *        [B] release of the exchange in word_unlock pairs with [A]
 *
 * Progress: barging, no bypass bound; a waiter that has slept takes the mutex
 * as CONTENDED, so that no other sleeper is forgotten.
 * Costs: two atomic read-modify-writes for the outermost pair, none for inner
 * ones; one FUTEX_WAKE a release while CONTENDED. Loses to the plain mutex by
 * the look at the owner, some 2 ns, where nobody nests.
 */
#include "_owned.h"

enum { FREE, HELD, CONTENDED };

static ALWAYS_INLINE bool take(struct owned *m, uint32_t as)
{
	uint32_t expected = FREE;

	/* [A]; the failure order is relaxed: nothing was acquired */
	return atomic_compare_exchange_strong_explicit(&m->word, &expected, as,
						       memory_order_acquire,
						       memory_order_relaxed);
}

static ALWAYS_INLINE bool word_try(struct owned *m)
{
	return take(m, HELD);
}

/* Barge in as long as we are awake, whether others sleep or not: the unlock
 * that freed the word has woken one of them, who will mark it CONTENDED again.
 */
static bool spin(struct owned *m)
{
	struct backoff b = { 0 };

	while (backoff_once(&b))
		/* load before the exchange: spinning keeps the line shared */
		if (atomic_load_explicit(&m->word, memory_order_relaxed) ==
			    FREE &&
		    take(m, HELD))
			return true;
	return false;
}

static COLD int word_slow(struct owned *m, uint64_t deadline)
{
	if (spin(m))
		return SYNC_OK;
	/* [A] */
	while (atomic_exchange_explicit(&m->word, CONTENDED,
					memory_order_acquire) != FREE) {
		if (futex_wait(&m->word, CONTENDED, deadline) == ETIMEDOUT)
			return take(m, CONTENDED) ? SYNC_OK : SYNC_TIMEOUT;
	}
	return SYNC_OK;
}

static ALWAYS_INLINE void word_unlock(struct owned *m)
{
	/* [B] */
	if (unlikely(atomic_exchange_explicit(&m->word, FREE,
					      memory_order_release) ==
		     CONTENDED))
		futex_wake(&m->word, 1);
}

REGISTER_RECURSIVE_MUTEX(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "three-state futex word, owner and depth; barging",
		.source = "Drepper, Futexes Are Tricky (2011), section 6",
		.size = sizeof(struct owned),
	},
	.max_depth = MAX_DEPTH,
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock,
	.depth = depth,
	.release_all = release_all,
	.reacquire = reacquire);
