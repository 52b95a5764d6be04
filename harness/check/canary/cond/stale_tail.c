/* SPDX-License-Identifier: MIT */
/*
 * A condition as a queue of waiters with a tail: who times out leaves the
 * queue, and the tail points to it still if it was the last of several. The
 * next waiter is linked behind it, where nobody looks.
 *
 * Bug:       cond-stale-tail
 * Source:    mbed-os PR 5497 (2017), "Correct ConditionVariable list removal";
 *            bao-hypervisor PR 402 (2026) in the same words
 * Scenario:  A waits; B waits and times out; C waits; two signals
 * Violation: lost wake-up; a store into a frame that is gone
 * Caught by: asan, stress, faults, preempt, tsan-gcc, tsan-clang
 * Explored by: waits_after_timeout (deadlock)
 */
#include "_queued.h"

/* All under the lock. */
struct cond {
	struct small_lock lock;
	uint32_t inside; /* threads that will touch it again */
	struct waiter *first, *last;
};

static void enqueue(struct cond *c, struct waiter *me)
{
	small_lock(&c->lock);
	c->inside++;
	if (c->last)
		c->last->next = me;
	else
		c->first = me;
	c->last = me;
	small_unlock(&c->lock);
}

/* false: a signal has taken it. */
static bool dequeue(struct cond *c, const struct waiter *me)
{
	struct waiter **link = &c->first, *before = NULL;

	while (*link && *link != me) {
		before = *link;
		link = &before->next;
	}
	if (!*link)
		return false;
	*link = me->next;
#if BROKEN
	(void)before;
	if (!c->first)
		c->last = NULL;
#else
	if (c->last == me)
		c->last = before;
#endif
	return true;
}

static int timedwait(void *cond, const struct guard *g, uint64_t deadline)
{
	struct waiter me = { .next = NULL };
	struct cond *c = cond;
	bool late;

	enqueue(c, &me);

	unsigned depth = guard_release(g);

	waiter_sleep(&me, deadline);
	small_lock(&c->lock);
	late = dequeue(c, &me);
	c->inside--;
	small_unlock(&c->lock);
	guard_acquire(g, depth);
	return late ? SYNC_TIMEOUT : SYNC_OK;
}

static void wait(void *cond, const struct guard *g)
{
	timedwait(cond, g, DEADLINE_NEVER);
}

static void signal(void *cond, unsigned n)
{
	struct cond *c = cond;

	small_lock(&c->lock);
	for (struct waiter *w; n && (w = c->first); n--) {
		c->first = w->next;
		if (!c->first)
			c->last = NULL;
		waiter_wake(w);
	}
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
		.brief = CANARY_BRIEF("the tail stays at a waiter that timed out"),
		.source = "mbed-os PR 5497",
		.size = sizeof(struct cond),
	},
	.destroy = destroy,
	.wait = wait,
	.timedwait = timedwait,
	.signal = signal,
	.broadcast = broadcast);
