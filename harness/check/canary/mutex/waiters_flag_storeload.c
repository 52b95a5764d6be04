/* SPDX-License-Identifier: MIT */
/*
 * A mutex with a flag for its waiters beside the word. Lock sets the flag and
 * then tries the word once more; unlock frees the word and then looks at the
 * flag. Without a full barrier between the store and the load in unlock each of
 * the two misses what the other has stored: nobody is woken, and the waiter
 * sleeps on a free mutex.
 *
 * Bug:       pub-lock-waiters-flag-storeload
 * Source:    MDEV-7026, K. Nielsen, "Memory barrier problem in InnoDB/XtraDB
 *            mutex implementation causing hangs" (2014)
 * Scenario:  two threads, one section each
 * Violation: lost wake-up
 * Caught by: stress, faults
 * Explored by: exclusion_2 (deadlock)
 */
#include "../../../../primitives/mutex.h"
#include "../canary.h"

struct flagged {
	_Atomic uint32_t held;
};

/* One waiting room for all mutexes, so that unlock touches none of them once it
 * is free. Whoever was woken for another's sake finds that out. */
static _Alignas(CACHE_LINE) _Atomic uint32_t waiters;
static _Alignas(CACHE_LINE) _Atomic uint32_t event;

static bool take(struct flagged *m)
{
	/* seq_cst: this load of held is not done before the store to waiters */
	return !atomic_exchange_explicit(&m->held, 1, memory_order_seq_cst);
}

static void lock(void *mutex, void *node)
{
	struct flagged *m = mutex;

	(void)node;
	while (!take(m)) {
		uint32_t ticket =
			atomic_load_explicit(&event, memory_order_acquire);

		atomic_store_explicit(&waiters, 1, memory_order_seq_cst);
		if (take(m))
			return;
		futex_wait(&event, ticket, DEADLINE_NEVER);
	}
}

static int trylock(void *mutex, void *node)
{
	(void)node;
	return take(mutex) ? SYNC_OK : SYNC_BUSY;
}

static void unlock(void *mutex, void *node)
{
	struct flagged *m = mutex;

	(void)node;
#if BROKEN
	atomic_store_explicit(&m->held, 0, memory_order_release);
#else
	/* seq_cst: the load of waiters is not done before this store */
	atomic_store_explicit(&m->held, 0, memory_order_seq_cst);
#endif
	if (!atomic_load_explicit(&waiters, memory_order_seq_cst))
		return;
	/* in this order: whoever sets it anew has an older ticket, or is awake
	 */
	atomic_store_explicit(&waiters, 0, memory_order_relaxed);
	atomic_fetch_add_explicit(&event, 1, memory_order_release);
	futex_wake_all(&event);
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("unlock may read the waiters flag early"),
		.source = "MDEV-7026",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct flagged),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
