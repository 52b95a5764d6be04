/* SPDX-License-Identifier: MIT */
/*
 * Futures that wake one waiter, who wakes the next. One that was woken, and
 * finds that its time is over too, leaves with nothing but a timeout.
 *
 * Bug:       held-future-baton-dropped
 * Source:    planted; relative: tenzir PR 6432 (2026), "Preserve notifications
 *            across cancelled Notify::wait()"
 * Scenario:  two wait for one future, one of them with a deadline that passes
 *            as the task ends
 * Violation: lost wake-up
 * Caught by: laws, asan, tsan-clang, tsan-gcc, preempt, faults
 * Explored by: give_up_beside_wait (deadlock)
 *
 * final  0 until the state is; who sleeps on it is woken by who comes before it
 */
#define OWN_SETTLE
#define OWN_RESULT
#include "_pool.h"

/* With the mutex. */
static void settle(struct future *f, enum future_state state)
{
	f->state = state;
	/* relaxed: who sees it takes the mutex next */
	atomic_store_explicit(&f->final, 1, memory_order_relaxed);
	futex_wake(&f->final, 1);
}

static int result(void *future, uint64_t deadline, void **value)
{
	struct future *f = future;
	enum future_state s;
	bool late = false;

	while ((s = state(f)) < DONE && !late) {
		late = futex_wait(&f->final, 0, deadline) == ETIMEDOUT;
#if BROKEN
		late = late || deadline_passed(deadline);
		if (late)
			return SYNC_TIMEOUT;
#endif
	}
	if (s < DONE)
		return SYNC_TIMEOUT;
	futex_wake(&f->final, 1);
	if (s == CANCELED)
		return SYNC_CANCELED;
	if (value)
		*value = f->value;
	return SYNC_OK;
}

#include "_plain.h"

REGISTER_POOL("a waiter that times out keeps the wake-up", "planted");
