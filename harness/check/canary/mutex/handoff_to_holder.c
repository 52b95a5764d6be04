/* SPDX-License-Identifier: MIT */
/*
 * A barging mutex whose first waiter, if it is woken in vain, asks for a
 * hand-off: the next unlock makes it the owner, and it finds its own name in
 * the word. So does a holder that locks a second time: it waits as it should,
 * until something wakes it for no reason; then it is first, asks, and takes its
 * name for a hand-off.
 *
 * Bug:       handoff-to-holder
 * Source:    Linux commit e274795ea7b7 (2017), "locking/mutex: Fix mutex
 *            handoff"
 * Scenario:  a holder that locks again, with a deadline; a spurious wake-up
 * Violation: a second lock by the holder succeeds
 * Caught by: faults
 * Explored by: none: needs a wake-up for no reason; with --spurious,
 *            relock_waits (assertion)
 */
#include "../../../../primitives/recursive_mutex/_thread_id.h"
#include "_queue.h"

/* Beside the owner, in steps of OWNER. */
enum { WAITERS = 1, HANDOFF = 2, PICKUP = 4, OWNER = 8, FLAGS = OWNER - 1 };

struct handoff {
	struct queue waiters;
	_Atomic uint64_t word;
};

static uint64_t me(void)
{
	return self() * OWNER;
}

/* Is it held by us because somebody has handed it over? */
static bool handed(uint64_t word, bool asked)
{
#if BROKEN
	return asked && (word & ~(uint64_t)FLAGS) == me();
#else
	(void)asked;
	return (word & PICKUP) && (word & ~(uint64_t)FLAGS) == me();
#endif
}

static bool take(struct handoff *m, bool asked)
{
	uint64_t word = atomic_load_explicit(&m->word, memory_order_relaxed);

	do {
		if (word >= OWNER && !handed(word, asked))
			return false;
	} while (!atomic_compare_exchange_weak_explicit(
		&m->word, &word, me() | (word & WAITERS), memory_order_acquire,
		memory_order_relaxed));
	return true;
}

static void set(struct handoff *m, uint64_t flag)
{
	/* relaxed: it says who waits, not what they have written */
	atomic_fetch_or_explicit(&m->word, flag, memory_order_relaxed);
}

/* Under the guard. */
static void leave(struct handoff *m, const struct sleeper *s, bool asked)
{
	uint64_t flags = asked ? HANDOFF : 0;

	take_out(&m->waiters, s);
	if (!m->waiters.first)
		flags = WAITERS | HANDOFF;
	atomic_fetch_and_explicit(&m->word, ~flags, memory_order_relaxed);
}

static int wait_in_queue(struct handoff *m, uint64_t deadline)
{
	struct sleeper s = { .id = me() };
	bool asked = false, late = false, taken;

	small_lock(&m->waiters.guard);
	push(&m->waiters, &s);
	set(m, WAITERS);
	while (!(taken = take(m, asked)) && !late) {
		small_unlock(&m->waiters.guard);
		late = futex_wait(&s.woken, 0, deadline) == ETIMEDOUT;
		small_lock(&m->waiters.guard);
		/* relaxed: the guard orders it */
		atomic_store_explicit(&s.woken, 0, memory_order_relaxed);
		if (!late && !asked && m->waiters.first == &s) {
			asked = true;
			set(m, HANDOFF);
		}
	}
	leave(m, &s, asked);
	small_unlock(&m->waiters.guard);
	return taken ? SYNC_OK : SYNC_TIMEOUT;
}

static int timedlock(void *mutex, void *node, uint64_t deadline)
{
	(void)node;
	return take(mutex, false) ? SYNC_OK : wait_in_queue(mutex, deadline);
}

static void lock(void *mutex, void *node)
{
	timedlock(mutex, node, DEADLINE_NEVER);
}

static int trylock(void *mutex, void *node)
{
	(void)node;
	return take(mutex, false) ? SYNC_OK : SYNC_BUSY;
}

/* Under the guard: the first cannot leave before we have left it. */
static void release_to(struct handoff *m, struct sleeper *first)
{
	uint64_t word = atomic_load_explicit(&m->word, memory_order_relaxed),
		 to;

	do {
		to = word & HANDOFF ? first->id | PICKUP | WAITERS : WAITERS;
	} while (!atomic_compare_exchange_weak_explicit(&m->word, &word, to,
							memory_order_release,
							memory_order_relaxed));
	wake(first);
}

static void unlock(void *mutex, void *node)
{
	struct handoff *m = mutex;
	struct sleeper *first = NULL;
	uint64_t mine = me();

	(void)node;
	while (!first && !atomic_compare_exchange_strong_explicit(
				 &m->word, &mine, 0, memory_order_release,
				 memory_order_relaxed)) {
		mine = me();
		small_lock(&m->waiters.guard);
		first = m->waiters.first;
		if (first)
			release_to(m, first);
		small_unlock(&m->waiters.guard);
	}
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("the holder takes itself for handed"),
		.source = "Linux commit e274795ea7b7",
		.size = sizeof(struct handoff),
	},
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock);
