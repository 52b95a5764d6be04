/* SPDX-License-Identifier: MIT */
/*
 * An event whose waiters spin until the number of sets changes.
 *
 * Source: own; the generation as in futex.c.
 *
 * State  SET         the flag
 *        GENERATION  how often it has gone up, in the other 63 bits; a waiter
 *                    leaves when it sees any word but its first
 *
 * Edges  [A] acquire load of a waiter or of is_set pairs with [B]
 *        [B] release of the compare-exchange in set, even if the flag is up
 *            already, pairs with [A] and [C]
 *        [C] acquire of the fetch-and in clear pairs with [B]: whoever clears
 *            sees what the sets that it undoes announce
 *
 * Progress: set and clear are lock-free; a waiter yields but never sleeps.
 * Costs: one read-modify-write for set and for clear, one load for wait and
 * is_set when set. Loses when waits are long: every waiter stays runnable.
 */
#include "../event.h"

enum { SET = 1, GENERATION = 2 };

struct spin {
	_Atomic uint64_t word;
};

static COLD int wait_slow(struct spin *e, uint64_t first, uint64_t deadline)
{
	struct spinner s = { 0 };

	/* [A] */
	while (atomic_load_explicit(&e->word, memory_order_acquire) == first)
		if (!spin_once(&s, deadline))
			return SYNC_TIMEOUT;
	return SYNC_OK;
}

static inline int timedwait(void *event, uint64_t deadline)
{
	struct spin *e = event;
	/* [A] */
	uint64_t word = atomic_load_explicit(&e->word, memory_order_acquire);

	return likely(word & SET) ? SYNC_OK : wait_slow(e, word, deadline);
}

static inline void wait(void *event)
{
	timedwait(event, DEADLINE_NEVER);
}

static inline void set(void *event)
{
	struct spin *e = event;
	uint64_t old = atomic_load_explicit(&e->word, memory_order_relaxed);
	uint64_t next;

	do {
		next = old & SET ? old : ((old + GENERATION) | SET);
		/* [B] */
	} while (!atomic_compare_exchange_weak_explicit(&e->word, &old, next,
							memory_order_release,
							memory_order_relaxed));
}

static inline void clear(void *event)
{
	struct spin *e = event;

	/* [C] */
	atomic_fetch_and_explicit(&e->word, ~(uint64_t)SET,
				  memory_order_acquire);
}

static inline bool is_set(void *event)
{
	struct spin *e = event;

	/* [A] */
	return atomic_load_explicit(&e->word, memory_order_acquire) & SET;
}

REGISTER_EVENT(
	.id = {
		.name = "spin",
		.family = SPIN,
		.brief = "flag and generation in one word, yields when it waits long",
		.source = "own",
		.size = sizeof(struct spin),
	},
	.set = set,
	.clear = clear,
	.is_set = is_set,
	.wait = wait,
	.timedwait = timedwait);
