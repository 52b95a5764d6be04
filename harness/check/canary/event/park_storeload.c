/* SPDX-License-Identifier: MIT */
/*
 * A binary permit as an event, whose clear is a mere store: it can wait in the
 * store buffer while the caller looks for work, and overwrite the permit that
 * came with the work.
 *
 * The permit is the flag. Everything but clear happens under a lock, so the
 * waiters that set lets through are counted by generation; wait takes the lock
 * in any case, since set is past its last use of the event only after it.
 *
 * Bug:       pub-event-park-storeload
 * Source:    JDK-6822370; D. Dice, "A race in LockSupport park() arising from
 *            weak memory models"
 * Scenario:  clear, look for work, wait; beside it: announce work, set
 * Violation: lost wake-up (store buffering; shows on two CPUs or more)
 * Caught by: stress
 * Explored by: clear_look_wait (deadlock)
 */
#include "../../../../primitives/event.h"
#include "../canary.h"
#include "../small_lock.h"

struct park {
	struct small_lock lock;
	_Atomic uint32_t permit;
	_Atomic uint32_t generation; /* how often the permit has come */
};

static uint32_t generation(struct park *e)
{
	/* relaxed: the lock is held */
	return atomic_load_explicit(&e->generation, memory_order_relaxed);
}

static bool is_set(void *event)
{
	struct park *e = event;

	return atomic_load_explicit(&e->permit, memory_order_acquire);
}

static int timedwait(void *event, uint64_t deadline)
{
	struct park *e = event;
	uint32_t first;
	int r = 0;

	small_lock(&e->lock);
	first = generation(e);
	while (!is_set(e) && generation(e) == first && r != ETIMEDOUT) {
		small_unlock(&e->lock);
		r = futex_wait(&e->generation, first, deadline);
		small_lock(&e->lock);
	}
	if (is_set(e) || generation(e) != first)
		r = SYNC_OK;
	small_unlock(&e->lock);
	return r == ETIMEDOUT ? SYNC_TIMEOUT : SYNC_OK;
}

static void wait(void *event)
{
	timedwait(event, DEADLINE_NEVER);
}

static void set(void *event)
{
	struct park *e = event;
	bool was_set;

	small_lock(&e->lock);
	was_set = is_set(e);
	atomic_store_explicit(&e->permit, 1, memory_order_release);
	if (!was_set)
		atomic_fetch_add_explicit(&e->generation, 1,
					  memory_order_relaxed);
	small_unlock(&e->lock);
	if (!was_set)
		futex_wake_all(&e->generation);
}

static void clear(void *event)
{
	struct park *e = event;

#if BROKEN
	atomic_store_explicit(&e->permit, 0, memory_order_relaxed);
#else
	/* reads what set has stored, so nothing later overtakes it */
	atomic_exchange_explicit(&e->permit, 0, memory_order_acquire);
#endif
}

REGISTER_EVENT(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("clear is a mere store"),
		.source = "JDK-6822370",
		.size = sizeof(struct park),
	},
	.set = set,
	.clear = clear,
	.is_set = is_set,
	.wait = wait,
	.timedwait = timedwait);
