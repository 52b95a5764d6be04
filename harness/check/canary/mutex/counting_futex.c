/* SPDX-License-Identifier: MIT */
/*
 * A futex mutex whose word counts the lockers. Each one that comes, or that has
 * been woken, changes the word that the others are about to sleep on: two that
 * keep counting keep each other awake for as long as the holder is inside, and
 * when the count has gone round, one of them is let in beside the holder.
 *
 * Bug:       pub-lock-counting-futex
 * Source:    U. Drepper, "Futexes Are Tricky", the first mutex
 * Scenario:  a holder that stays inside, two lockers
 * Violation: livelock; two inside once the count wraps round, which takes eight
 *            rounds here in the place of 2^32
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: exclusion_3 (data race)
 */
#include "../../../../primitives/mutex.h"
#include "../canary.h"

/* Three bits of the word count, so that the wrap is within reach. */
enum { FREE, HELD, WAITED_FOR, COUNT = 7 };

struct counting {
	_Atomic uint32_t word;
};

static void lock(void *mutex, void *node)
{
	struct counting *m = mutex;
	uint32_t before;

	(void)node;
#if BROKEN
	while ((before = atomic_fetch_add_explicit(&m->word, 1,
						   memory_order_acquire)) &
	       COUNT)
		futex_wait(&m->word, before + 1, DEADLINE_NEVER);
#else
	before = FREE;
	if (atomic_compare_exchange_strong_explicit(&m->word, &before, HELD,
						    memory_order_acquire,
						    memory_order_relaxed))
		return;
	/* all waiters write the same, so none of them wakes another */
	while (atomic_exchange_explicit(&m->word, WAITED_FOR,
					memory_order_acquire) != FREE)
		futex_wait(&m->word, WAITED_FOR, DEADLINE_NEVER);
#endif
}

static int trylock(void *mutex, void *node)
{
	struct counting *m = mutex;
	uint32_t before = FREE;

	(void)node;
	return atomic_compare_exchange_strong_explicit(&m->word, &before, HELD,
						       memory_order_acquire,
						       memory_order_relaxed)
		       ? SYNC_OK
		       : SYNC_BUSY;
}

static void unlock(void *mutex, void *node)
{
	struct counting *m = mutex;

	(void)node;
	atomic_store_explicit(&m->word, FREE, memory_order_release);
	futex_wake(&m->word, 1);
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("each waiter changes what others sleep on"),
		.source = "Drepper, Futexes Are Tricky, mutex1",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct counting),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
