/* SPDX-License-Identifier: MIT */
/*
 * A mutex that is handed from one to the next in the order of arrival. A waiter
 * whose deadline passes is taken out of the queue by turning it round: each
 * that is not the one goes to the end. When the one is found the turn stops
 * half-way, and those that came before it are now behind all others.
 *
 * Bug:       expiry-rotates-queue
 * Source:    planted; what it does to those in the queue is typelevel/
 *            cats-effect issue 3564 (2023), "mutex corrupts FIFO"
 * Scenario:  three in the queue; the second gives up; the first waits longest
 * Violation: FIFO, claimed and not kept
 * Caught by: preempt, perturb, faults
 * Explored by: none: no client can know who came first
 */
#include "_queue.h"

struct fifo {
	struct queue waiters;
	bool held;
};

/* False if the mutex has been handed to it. */
static bool give_up(struct queue *q, struct sleeper *s)
{
	struct sleeper *last = q->last, *at;
	bool found = false;

	if (!q->first)
		return false;
	do {
		at = pop(q);
		if (at == s)
			found = true;
		else
			push(q, at);
#if BROKEN
		if (found)
			break;
#endif
	} while (at != last);
	return found;
}

static int timedlock(void *mutex, void *node, uint64_t deadline)
{
	struct fifo *m = mutex;
	struct sleeper me = { 0 };
	bool must_wait, gone;

	(void)node;
	small_lock(&m->waiters.guard);
	must_wait = m->held;
	m->held = true;
	if (must_wait)
		push(&m->waiters, &me);
	small_unlock(&m->waiters.guard);
	if (!must_wait || sleep_until_woken(&me, deadline))
		return SYNC_OK;
	small_lock(&m->waiters.guard);
	gone = give_up(&m->waiters, &me);
	small_unlock(&m->waiters.guard);
	return gone ? SYNC_TIMEOUT : SYNC_OK;
}

static void lock(void *mutex, void *node)
{
	timedlock(mutex, node, DEADLINE_NEVER);
}

static int trylock(void *mutex, void *node)
{
	struct fifo *m = mutex;
	bool was_held;

	(void)node;
	small_lock(&m->waiters.guard);
	was_held = m->held;
	m->held = true;
	small_unlock(&m->waiters.guard);
	return was_held ? SYNC_BUSY : SYNC_OK;
}

static void unlock(void *mutex, void *node)
{
	struct fifo *m = mutex;
	struct sleeper *next;

	(void)node;
	small_lock(&m->waiters.guard);
	next = pop(&m->waiters);
	if (next)
		wake(next); /* held: it is the next one's */
	else
		m->held = false;
	small_unlock(&m->waiters.guard);
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("who gives up turns the queue"),
		.source = "planted, after cats-effect issue 3564",
		.flags = IMPL_FIFO,
		.size = sizeof(struct fifo),
	},
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock);
