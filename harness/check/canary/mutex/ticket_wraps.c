/* SPDX-License-Identifier: MIT */
/*
 * A ticket lock whose waiter takes any number called at or above its own for
 * its own: right until the numbers wrap round. Then who draws a small number
 * finds a large one called, and enters beside its holder.
 *
 * Bug:       ticket-wraps
 * Source:    planted
 * Scenario:  two threads that lock and unlock, 2^32 sections on
 * Violation: mutual exclusion
 * Caught by: stress, histories
 * Explored by: wrap_2x2 (data race)
 */
#include "../../../../primitives/mutex.h"
#include "../canary.h"

struct ticket {
	_Atomic uint32_t next, serving;
};

static bool called(struct ticket *m, uint32_t mine)
{
	uint32_t serving =
		atomic_load_explicit(&m->serving, memory_order_acquire);

#if BROKEN
	return serving >= mine;
#else
	return serving == mine;
#endif
}

static inline void lock(void *mutex, void *node)
{
	struct ticket *m = mutex;
	uint32_t mine =
		atomic_fetch_add_explicit(&m->next, 1, memory_order_relaxed);

	(void)node;
	while (!called(m, mine))
		sched_yield();
}

static int trylock(void *mutex, void *node)
{
	struct ticket *m = mutex;
	uint32_t mine = atomic_load_explicit(&m->serving, memory_order_acquire);

	(void)node;
	return atomic_compare_exchange_strong_explicit(&m->next, &mine,
						       mine + 1,
						       memory_order_relaxed,
						       memory_order_relaxed)
		       ? SYNC_OK
		       : SYNC_BUSY;
}

static inline void unlock(void *mutex, void *node)
{
	struct ticket *m = mutex;
	/* relaxed: nobody else writes it while we hold the lock */
	uint32_t mine = atomic_load_explicit(&m->serving, memory_order_relaxed);

	(void)node;
	atomic_store_explicit(&m->serving, mine + 1, memory_order_release);
}

static void age(void *mutex, uint32_t left)
{
	struct ticket *m = mutex;

	/* relaxed: nobody uses it yet */
	atomic_store_explicit(&m->next, -left, memory_order_relaxed);
	atomic_store_explicit(&m->serving, -left, memory_order_relaxed);
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("numbers are compared by size"),
		.source = "planted",
		.unsupported = "a number that is drawn cannot be given back",
		.flags = IMPL_FIFO,
		.size = sizeof(struct ticket),
		.age = age,
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
