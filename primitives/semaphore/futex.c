/* SPDX-License-Identifier: MIT */
/*
 * A futex semaphore of one word, permits and a mark for sleepers; barging.
 *
 * Source: own; the mark as in Drepper's mutex2 ("Futexes Are Tricky", 2011),
 * and a waiter that finds more permits than its own wakes the next one, as in
 * Java's AbstractQueuedSynchronizer (JDK-6801020).
 *
 * State  see _permits.h for the word and the edges
 *        WAITED  somebody may sleep. May be stale (the last sleeper has left):
 *                one needless wake. May be missing while somebody sleeps, but
 *                only as long as a woken thread is on its way: it sets WAITED
 *                again, either with its permit or before it sleeps again.
 *
 * release takes WAITED away and wakes as many as it gave permits, so the next
 * releases make no system call while the woken are on their way; if they added
 * permits, the first one through wakes another sleeper, and so on.
 *
 * Progress: barging, no bypass bound; bounded spin, then sleeps.
 * Costs: two compare-exchanges an uncontended pair. After release has changed
 * the word it uses the address only as a key for the wake.
 * Loses to a queue of waiters when permits must be handed out in order, and to
 * sleeping at once with many more threads than cores.
 */
#include "_permits.h"

static bool spin(struct permits *p)
{
	struct backoff b = { 0 };
	uint32_t left;

	while (backoff_or_yield(&b))
		if (atomic_load_explicit(&p->word, memory_order_relaxed) >=
			    PERMIT &&
		    permits_take(p, 0, &left))
			return true;
	return false;
}

/* For a thread that may have been woken, and answers for the others. */
static bool take_and_pass_on(struct permits *p)
{
	uint32_t left;

	if (!permits_take(p, WAITED, &left))
		return false;
	/* a release since our wake-up has found no WAITED and woken nobody */
	if (left >= PERMIT)
		futex_wake(&p->word, 1);
	return true;
}

static COLD int acquire_slow(struct permits *p, uint64_t deadline)
{
	if (deadline && spin(p))
		return SYNC_OK;
	while (!take_and_pass_on(p)) {
		uint32_t word = 0;

		/* relaxed: it publishes nothing and acquires no permit */
		if (!atomic_compare_exchange_strong_explicit(
			    &p->word, &word, WAITED, memory_order_relaxed,
			    memory_order_relaxed) &&
		    word != WAITED)
			continue;
		if (futex_wait(&p->word, WAITED, deadline) == ETIMEDOUT)
			return take_and_pass_on(p) ? SYNC_OK : SYNC_TIMEOUT;
	}
	return SYNC_OK;
}

static inline int timedacquire(void *semaphore, uint64_t deadline)
{
	uint32_t left;

	if (likely(permits_take(semaphore, 0, &left)))
		return SYNC_OK;
	return acquire_slow(semaphore, deadline);
}

static inline void acquire(void *semaphore)
{
	timedacquire(semaphore, DEADLINE_NEVER);
}

static inline int release(void *semaphore, unsigned n)
{
	struct permits *p = semaphore;
	uint32_t old;
	int result;

	/* giving none must not take WAITED away: nobody would be woken */
	if (unlikely(n == 0))
		return SYNC_OK;
	result = permits_give(p, n, &old);
	if (unlikely(old & WAITED) && result == SYNC_OK)
		futex_wake(&p->word, (int)n);
	return result;
}

REGISTER_SEMAPHORE(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "permits and a sleepers' mark in one word, spin, futex",
		.source = "own, after Drepper's mutex2 and JDK-6801020",
		.size = sizeof(struct permits),
	},
	.init = permits_init,
	.acquire = acquire,
	.tryacquire = permits_tryacquire,
	.timedacquire = timedacquire,
	.release = release,
	.value = permits_value);
