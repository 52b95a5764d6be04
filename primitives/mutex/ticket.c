/* SPDX-License-Identifier: MIT */
/*
 * Ticket lock: take a number, wait until it is called. FIFO.
 *
 * Source: D. Reed and R. Kanodia, "Synchronization with eventcounts and
 * sequencers" (CACM 1979); J. Mellor-Crummey and M. Scott, "Algorithms for
 * scalable synchronization on shared-memory multiprocessors" (ACM TOCS 1991),
 * section 2.2, without its back-off.
 *
 * State  next     the number that the next one to come will draw
 *        serving  the number that holds the lock; next if the lock is free.
 *                 Only the holder writes it.
 *        Both wrap round: they are mixed up only by a trylock that stays
 *        between its two steps while 2^32 sections go by.
 *
 * Edges  [A] acquire of the load that finds one's number called pairs with [B]
 *        [B] release store of the next number in unlock pairs with [A]
 *
 * Progress: FIFO: whoever draws first enters first. Never sleeps; yields once
 * in a long while (_patience.h).
 * Costs: one atomic read-modify-write and one store uncontended. All waiters
 * look at one word, so each release sends its line to all of them.
 * Loses to MCS with many cores, for that reason; to every lock that barges, by
 * a factor of hundreds, with more threads than cores: the number that is called
 * is likely to have no core.
 */
#include "../mutex.h"
#include "_patience.h"

struct ticket {
	_Atomic uint32_t next, serving;
};

static ALWAYS_INLINE uint32_t called(struct ticket *m)
{
	/* [A] */
	return atomic_load_explicit(&m->serving, memory_order_acquire);
}

static inline void lock(void *mutex, void *node)
{
	struct ticket *m = mutex;
	struct patience p = { 0 };
	/* relaxed: a number orders nothing, its call does */
	uint32_t mine =
		atomic_fetch_add_explicit(&m->next, 1, memory_order_relaxed);

	(void)node;
	while (called(m) != mine)
		wait_a_turn(&p);
}

/* Draw a number only if it is the one that is called. */
static inline int trylock(void *mutex, void *node)
{
	struct ticket *m = mutex;
	uint32_t mine = called(m);

	(void)node;
	/* relaxed: called has acquired, and if nobody has drawn it since, the
	 * number still is the one that is called */
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
	/* [B] */
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
		.name = "ticket",
		.family = OTHER,
		.brief = "take a number, wait until it is called; FIFO",
		.source = "Mellor-Crummey and Scott, TOCS 1991, section 2.2",
		.unsupported = "a number that is drawn cannot be given back",
		.flags = IMPL_FIFO,
		.size = sizeof(struct ticket),
		.age = age,
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
