/* SPDX-License-Identifier: MIT */
/*
 * An event with a lock whose waiters look for the flag before they take that:
 * set has put up the flag and is still to unlock what such a waiter, back at
 * once, may free.
 *
 * Repaired, every wait takes the lock: set has done with the event then.
 *
 * Bug:       event-flag-before-lock
 * Source:    orly issue 452 (2026); Linux, completion_done against complete
 *            (2015, recalled)
 * Scenario:  an event on the heap; one thread sets it, the other one waits and
 *            frees it
 * Violation: use after free
 * Caught by: tsan-gcc, tsan-clang
 * Explored by: freed_after_wait (use after free)
 */
#include "../../../../primitives/event.h"
#include "../canary.h"
#include "../small_lock.h"

struct event {
	struct small_lock lock;
	_Atomic bool flag;	  /* written under the lock */
	_Atomic uint32_t went_up; /* how often; under the lock, but for sleep */
};

static bool is_set(void *event)
{
	struct event *e = event;

	return atomic_load_explicit(&e->flag, memory_order_acquire);
}

static uint32_t went_up(struct event *e)
{
	/* relaxed: the lock is held */
	return atomic_load_explicit(&e->went_up, memory_order_relaxed);
}

static int timedwait(void *event, uint64_t deadline)
{
	struct event *e = event;
	uint32_t first;
	bool free;
	int r = 0;

#if BROKEN
	if (is_set(e))
		return SYNC_OK;
#endif
	small_lock(&e->lock);
	first = went_up(e);
	while (!(free = is_set(e) || went_up(e) != first) && r != ETIMEDOUT) {
		small_unlock(&e->lock);
		r = futex_wait(&e->went_up, first, deadline);
		small_lock(&e->lock);
	}
	small_unlock(&e->lock);
	return free ? SYNC_OK : SYNC_TIMEOUT;
}

static void wait(void *event)
{
	timedwait(event, DEADLINE_NEVER);
}

static void set(void *event)
{
	struct event *e = event;

	small_lock(&e->lock);
	if (!is_set(e))
		atomic_fetch_add_explicit(&e->went_up, 1, memory_order_relaxed);
	atomic_store_explicit(&e->flag, true, memory_order_release);
	small_unlock(&e->lock);
	futex_wake_all(&e->went_up);
}

static void clear(void *event)
{
	struct event *e = event;

	small_lock(&e->lock);
	atomic_store_explicit(&e->flag, false, memory_order_relaxed);
	small_unlock(&e->lock);
}

REGISTER_EVENT(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a waiter returns past the lock that set holds"),
		.source = "orly issue 452",
		.size = sizeof(struct event),
	},
	.set = set,
	.clear = clear,
	.is_set = is_set,
	.wait = wait,
	.timedwait = timedwait);
