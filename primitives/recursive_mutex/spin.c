/* SPDX-License-Identifier: MIT */
/*
 * Test-and-test-and-set spinlock with an owner and a depth beside it.
 *
 * Source: L. Rudolph and Z. Segall, "Dynamic decentralized cache schemes for
 * MIMD parallel processors" (ISCA 1984), for the word.
 *
 * State  word 0 free (owner and depth are 0), 1 held
 *        owner and depth: see _owned.h
 *
 * Edges  [A] acquire of the exchange that takes the word pairs with [B]; depth,
 *            which is plain, has no race
 *        [B] release store in word_unlock pairs with [A]
 *
 * Progress: barging, no bypass bound, never sleeps in the kernel; after a short
 * spin it yields, so it survives more threads than cores.
 * Costs: one atomic read-modify-write and three stores for the outermost pair,
 * none for inner ones. Loses when sections are long: every waiter burns a core
 * or keeps the scheduler busy.
 */
#include "_owned.h"

static ALWAYS_INLINE bool word_try(struct owned *m)
{
	/* [A] */
	return !atomic_exchange_explicit(&m->word, 1, memory_order_acquire);
}

static COLD int word_slow(struct owned *m, uint64_t deadline)
{
	struct spinner s = { 0 };

	do {
		/* load before the exchange: spinning keeps the line shared */
		while (atomic_load_explicit(&m->word, memory_order_relaxed))
			if (!spin_once(&s, deadline))
				return SYNC_TIMEOUT;
	} while (!word_try(m));
	return SYNC_OK;
}

static ALWAYS_INLINE void word_unlock(struct owned *m)
{
	/* [B] */
	atomic_store_explicit(&m->word, 0, memory_order_release);
}

REGISTER_RECURSIVE_MUTEX(
	.id = {
		.name = "spin",
		.family = SPIN,
		.brief = "test-and-test-and-set, owner and depth; yields",
		.source = "Rudolph and Segall, ISCA 1984",
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
