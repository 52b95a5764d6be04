/* SPDX-License-Identifier: MIT */
/*
 * A mutex with a word for the fast path and, under an interlock, a queue. Who
 * finds it held announces that in the word, gets the interlock, looks at the
 * word once more, and sleeps if it is still held. But the unlock in between has
 * taken the announcement back, since it found nobody in the queue.
 *
 * Bug:       interlock-forgets-sleeper
 * Source:    AlessandroSangiuliano/Uros issue 476 (2026), "a release reads the
 *            word and not the count, and a sleeper is never woken again"
 * Scenario:  a holder, one that is about to sleep, one that comes by and takes
 *            the mutex in between
 * Violation: lost wake-up
 */
#include "_queue.h"

enum { FREE, HELD, ANNOUNCED };

struct interlocked {
	struct queue waiters;
	_Atomic uint32_t word;
};

static bool swap(struct interlocked *m, uint32_t from, uint32_t to,
		 memory_order order)
{
	return atomic_compare_exchange_strong_explicit(
		&m->word, &from, to, order, memory_order_relaxed);
}

static bool announce(struct interlocked *m)
{
	return atomic_exchange_explicit(&m->word, ANNOUNCED,
					memory_order_acquire) == FREE;
}

static void lock(void *mutex, void *node)
{
	struct interlocked *m = mutex;

	(void)node;
	if (swap(m, FREE, HELD, memory_order_acquire))
		return;
	while (!announce(m)) {
		struct sleeper me = { 0 };
		bool was_free, taken = false;

		small_lock(&m->waiters.guard);
#if BROKEN
		was_free = atomic_load_explicit(&m->word,
						memory_order_relaxed) == FREE;
#else
		/* an unlock may have taken the announcement back */
		was_free = taken = announce(m);
#endif
		if (!was_free)
			push(&m->waiters, &me);
		small_unlock(&m->waiters.guard);
		if (taken)
			return;
		if (!was_free)
			sleep_until_woken(&me, DEADLINE_NEVER);
	}
}

static int trylock(void *mutex, void *node)
{
	(void)node;
	return swap(mutex, FREE, HELD, memory_order_acquire) ? SYNC_OK
							     : SYNC_BUSY;
}

static void unlock(void *mutex, void *node)
{
	struct interlocked *m = mutex;
	struct sleeper *first = NULL;

	(void)node;
	while (!first && !swap(m, HELD, FREE, memory_order_release)) {
		small_lock(&m->waiters.guard);
		first = pop(&m->waiters);
		if (!first)
			atomic_store_explicit(&m->word, HELD,
					      memory_order_relaxed);
		small_unlock(&m->waiters.guard);
	}
	if (!first)
		return;
	atomic_store_explicit(&m->word, FREE, memory_order_release);
	wake(first); /* who sleeps until then, wherever the mutex is */
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("an announcement is taken back"),
		.source = "Uros issue 476",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct interlocked),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
