/* SPDX-License-Identifier: MIT */
/*
 * A mutex whose word is taken and given back by one compare-exchange while no
 * WAITERS are marked in it; with the mark, everybody goes through the queue's
 * guard. A waiter that gives up, and leaves nobody behind it, takes the mark
 * out: with a load and a store, since under the guard nobody else writes a
 * marked word. But of two that give up at once the second finds the mark gone.
 * Between its load and its store the holder unlocks, without the guard; then
 * the store puts the holder back.
 *
 * Bug:       expiry-restores-owner
 * Source:    Linux commit dbb26055defd (2016), "locking/rtmutex: Prevent
 *            dequeue vs. unlock race" (recalled; read were the function as it
 *            was before it, and as it was after it)
 * Scenario:  a holder that unlocks as two waiters give up
 * Violation: held by nobody, for ever; or two at once
 * Caught by: histories
 * Rare:      the holder must unlock between a load and the store after it
 * Explored by: timed_2 (assertion)
 */
#include "_queue.h"

enum { FREE, HELD = 1, WAITERS = 2 };

struct marked {
	struct queue waiters;
	_Atomic uint32_t word;
};

static bool swap(struct marked *m, uint32_t from, uint32_t to,
		 memory_order order)
{
	return atomic_compare_exchange_strong_explicit(
		&m->word, &from, to, order, memory_order_relaxed);
}

/* Under the guard: with the mark set, nobody else writes the word. */
static bool take_marked(struct marked *m)
{
	uint32_t word = atomic_fetch_or_explicit(&m->word, WAITERS,
						 memory_order_acquire);

	if (word & HELD)
		return false;
	/* relaxed: the fetch-or has acquired */
	atomic_store_explicit(&m->word, HELD | WAITERS, memory_order_relaxed);
	return true;
}

/* Under the guard. */
static void unmark_if_alone(struct marked *m)
{
	uint32_t word;

	if (m->waiters.first)
		return;
	word = atomic_load_explicit(&m->word, memory_order_relaxed);
#if !BROKEN
	if (!(word & WAITERS))
		return; /* it is not ours to write */
#endif
	/* release: who finds it free by this store comes after its holder */
	atomic_store_explicit(&m->word, word & ~WAITERS, memory_order_release);
}

/* Where a priority that was lent is taken back: not under the guard. */
static void give_up(struct marked *m, struct sleeper *me)
{
	take_out(&m->waiters, me);
	small_unlock(&m->waiters.guard);
	small_lock(&m->waiters.guard);
	unmark_if_alone(m);
}

static int wait_marked(struct marked *m, uint64_t deadline)
{
	struct sleeper me = { 0 };
	bool taken, in_time = true;

	small_lock(&m->waiters.guard);
	push(&m->waiters, &me);
	while (!(taken = take_marked(m)) && in_time) {
		/* relaxed: the guard orders it */
		atomic_store_explicit(&me.woken, 0, memory_order_relaxed);
		small_unlock(&m->waiters.guard);
		in_time = sleep_until_woken(&me, deadline);
		small_lock(&m->waiters.guard);
	}
	if (taken) {
		take_out(&m->waiters, &me);
		unmark_if_alone(m);
	} else {
		give_up(m, &me);
	}
	small_unlock(&m->waiters.guard);
	return taken ? SYNC_OK : SYNC_TIMEOUT;
}

static int timedlock(void *mutex, void *node, uint64_t deadline)
{
	(void)node;
	return swap(mutex, FREE, HELD, memory_order_acquire)
		       ? SYNC_OK
		       : wait_marked(mutex, deadline);
}

static void lock(void *mutex, void *node)
{
	timedlock(mutex, node, DEADLINE_NEVER);
}

static int trylock(void *mutex, void *node)
{
	struct marked *m = mutex;
	bool taken;

	(void)node;
	if (swap(m, FREE, HELD, memory_order_acquire))
		return SYNC_OK;
	small_lock(&m->waiters.guard);
	taken = take_marked(m);
	unmark_if_alone(m);
	small_unlock(&m->waiters.guard);
	return taken ? SYNC_OK : SYNC_BUSY;
}

static void unlock(void *mutex, void *node)
{
	struct marked *m = mutex;
	struct sleeper *first = NULL;

	(void)node;
	while (!first && !swap(m, HELD, FREE, memory_order_release)) {
		small_lock(&m->waiters.guard);
		first = m->waiters.first;
		if (first) {
			atomic_store_explicit(&m->word, WAITERS,
					      memory_order_release);
			wake(first);
		} else {
			unmark_if_alone(m);
		}
		/* the first is still in the queue: it comes after this */
		small_unlock(&m->waiters.guard);
	}
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("who gives up puts the holder back"),
		.source = "Linux commit dbb26055defd",
		.size = sizeof(struct marked),
	},
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock);
