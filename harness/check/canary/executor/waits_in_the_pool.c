/* SPDX-License-Identifier: MIT */
/*
 * Futures whose waiters all sleep on one word of their pool. A waiter that has
 * seen its future pending goes to the word when the future is done and the pool
 * is gone.
 *
 * Bug:       held-future-waits-in-the-pool
 * Source:    planted: a future may outlive its executor
 * Scenario:  a thread waits for a future; another one destroys the executor
 * Violation: use after free
 * Caught by: preempt
 * Explored by: destroy_beside_wait (use after free)
 */
#define OWN_SETTLE
#define OWN_RESULT
#include "_pool.h"

#if !BROKEN
static _Atomic uint32_t bell; /* of all pools */
#endif

static _Atomic uint32_t *bell_of(struct pool *p)
{
#if BROKEN
	return &p->bell;
#else
	(void)p;
	return &bell;
#endif
}

/* With the mutex. */
static void settle(struct future *f, enum future_state state)
{
	f->state = state;
	/* release: whoever sees it change sees the state */
	atomic_fetch_add_explicit(bell_of(f->pool), 1, memory_order_release);
	futex_wake_all(bell_of(f->pool));
}

static int result(void *future, uint64_t deadline, void **value)
{
	struct future *f = future;
	enum future_state s;
	int waited = 0;

	while ((s = state(f)) < DONE && waited != ETIMEDOUT) {
		_Atomic uint32_t *word = bell_of(f->pool);
		uint32_t seen =
			atomic_load_explicit(word, memory_order_acquire);

		if (state(f) < DONE)
			waited = futex_wait(word, seen, deadline);
	}
	if (s < DONE)
		return SYNC_TIMEOUT;
	if (s == CANCELED)
		return SYNC_CANCELED;
	if (value)
		*value = f->value;
	return SYNC_OK;
}

#include "_plain.h"

REGISTER_POOL("who waits for a future sleeps in its pool", "planted");
