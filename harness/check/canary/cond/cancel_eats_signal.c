/* SPDX-License-Identifier: MIT */
/*
 * A condition as a queue of waiters: one that times out leaves the queue, but
 * does not ask whether a signal has taken it out already, and drops that.
 *
 * Repaired, it passes the signal on.
 *
 * Bug:       pub-cond-cancel-eats-signal
 * Source:    PostgreSQL commit b91dd9de, "Forward received condition variable
 *            signals on cancel"; Linux 777c6c5f1f
 * Scenario:  A waits with a deadline, B without; one signal takes A as its
 *            deadline passes; B must return
 * Violation: lost wake-up
 * Caught by: perturb, tsan-clang
 * Explored by: timeout_takes_no_signal (deadlock)
 */
#include "../../../../primitives/cond.h"
#include "../canary.h"
#include "../small_lock.h"

struct waiter {
	struct waiter *next;
	_Atomic uint32_t signalled;
};

struct cond {
	struct small_lock lock;
	uint32_t inside; /* threads that will touch it again */
	struct waiter *first;
};

static void enqueue(struct cond *c, struct waiter *me)
{
	struct waiter **link = &c->first;

	small_lock(&c->lock);
	c->inside++;
	while (*link)
		link = &(*link)->next;
	*link = me;
	small_unlock(&c->lock);
}

/* Under the lock; false: a signal has taken it. */
static bool dequeue(struct cond *c, const struct waiter *me)
{
	struct waiter **link = &c->first;

	while (*link && *link != me)
		link = &(*link)->next;
	if (!*link)
		return false;
	*link = me->next;
	return true;
}

/* Under the lock. */
static void send(struct cond *c, unsigned n)
{
	for (struct waiter *w; n && (w = c->first); n--) {
		c->first = w->next;
		atomic_store_explicit(&w->signalled, 1, memory_order_relaxed);
		futex_wake(&w->signalled, 1);
	}
}

static void cancel(struct cond *c, const struct waiter *me)
{
	bool queued = dequeue(c, me);

#if !BROKEN
	if (!queued)
		send(c, 1);
#endif
	(void)queued;
}

static int timedwait(void *cond, const struct guard *g, uint64_t deadline)
{
	struct waiter me = { .next = NULL };
	struct cond *c = cond;
	int r = SYNC_OK;

	enqueue(c, &me);

	unsigned depth = guard_release(g);

	/* relaxed: only the guard orders anything */
	while (r != ETIMEDOUT &&
	       !atomic_load_explicit(&me.signalled, memory_order_relaxed))
		r = futex_wait(&me.signalled, 0, deadline);
	/* the signaller holds the lock until it has done with the node */
	small_lock(&c->lock);
	if (r == ETIMEDOUT)
		cancel(c, &me);
	c->inside--;
	small_unlock(&c->lock);
	guard_acquire(g, depth);
	return r == ETIMEDOUT ? SYNC_TIMEOUT : SYNC_OK;
}

static void wait(void *cond, const struct guard *g)
{
	timedwait(cond, g, DEADLINE_NEVER);
}

static void signal(void *cond, unsigned n)
{
	struct cond *c = cond;

	small_lock(&c->lock);
	send(c, n);
	small_unlock(&c->lock);
}

static void broadcast(void *cond)
{
	signal(cond, UINT_MAX);
}

/* Who was woken may still be on its way out. */
static void destroy(void *cond)
{
	struct cond *c = cond;

	small_drain(&c->lock, &c->inside);
}

REGISTER_COND(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("who times out drops its signal"),
		.source = "PostgreSQL commit b91dd9de",
		.size = sizeof(struct cond),
	},
	.destroy = destroy,
	.wait = wait,
	.timedwait = timedwait,
	.signal = signal,
	.broadcast = broadcast);
