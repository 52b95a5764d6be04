/* SPDX-License-Identifier: MIT */
/*
 * A mutex whose holder runs the sections that others have asked for. Who finds
 * it held leaves its request and sleeps until that is done. But the holder
 * looks for requests once, before it unlocks: one that comes after the look and
 * before the unlock has found the mutex held and is looked for by nobody.
 *
 * Bug:       combiner-leaves-request
 * Source:    planted; flat combining (Hendler and others, SPAA 2010) has the
 *            waiter try the lock again and again for this reason (recalled)
 * Scenario:  two threads, one call each
 * Violation: lost wake-up
 * Caught by: faults, preempt, perturb
 * Explored by: call_2 (deadlock)
 */
#include "../../../../primitives/mutex.h"
#include "../canary.h"
#include "../small_lock.h"

struct request {
	struct request *next;
	void (*section)(void *);
	void *argument;
	_Atomic uint32_t done;
};

struct combining {
	struct small_lock lock;
	_Atomic(struct request *) pending;
};

static void ask(struct combining *m, struct request *r)
{
	r->next = atomic_load_explicit(&m->pending, memory_order_relaxed);
	atomic_store_explicit(&r->done, 0, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(&m->pending, &r->next, r,
						      memory_order_release,
						      memory_order_relaxed))
		continue;
}

/* The caller holds the mutex. */
static void combine(struct combining *m)
{
	struct request *r, *next;

	r = atomic_exchange_explicit(&m->pending, NULL, memory_order_acquire);
	for (; r; r = next) {
		next = r->next;
		r->section(r->argument);
		atomic_store_explicit(&r->done, 1, memory_order_release);
#if BROKEN
		futex_wake(&r->done, 1);
#endif
	}
}

static void unlock(void *mutex, void *node)
{
	struct combining *m = mutex;

	(void)node;
	combine(m);
	small_unlock(&m->lock);
}

static void call(void *mutex, void *node, void (*section)(void *),
		 void *argument)
{
	struct combining *m = mutex;
	struct request *r = node;

	r->section = section;
	r->argument = argument;
	ask(m, r);
#if BROKEN
	if (small_trylock(&m->lock))
		unlock(m, node);
	while (!atomic_load_explicit(&r->done, memory_order_acquire))
		futex_wait(&r->done, 0, DEADLINE_NEVER);
#else
	/* whoever waits for the mutex itself is not forgotten */
	small_lock(&m->lock);
	unlock(m, node);
#endif
}

static void lock(void *mutex, void *node)
{
	struct combining *m = mutex;

	(void)node;
	small_lock(&m->lock);
}

static int trylock(void *mutex, void *node)
{
	struct combining *m = mutex;

	(void)node;
	return small_trylock(&m->lock) ? SYNC_OK : SYNC_BUSY;
}

static int timedlock(void *mutex, void *node, uint64_t deadline)
{
	struct combining *m = mutex;

	(void)node;
	return small_timedlock(&m->lock, deadline);
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a request is left behind"),
		.source = "planted",
		.size = sizeof(struct combining),
		.node_size = sizeof(struct request),
	},
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock,
	.call = call);
