/* SPDX-License-Identifier: MIT */
/*
 * A condition whose broadcast signals one waiter after the other until the
 * queue is empty. Waiters that wait again at once, as many as there are, keep
 * it from being so: it does not come to an end, and wakes those who came later.
 *
 * Repaired, it wakes as many as wait when it begins.
 *
 * Bug:       cond-broadcast-chases
 * Source:    sentry-native PR 1961 (2026), which bounds the broadcast for that;
 *            PostgreSQL commit aced5a92b (2018, recalled)
 * Scenario:  two waiters that wait again whenever they are woken; a broadcast
 *            without the mutex
 * Violation: livelock
 * Caught by: laws
 * Rare:      the CPU has to be left to the broadcast and those it wakes
 * Explored by: none: each turn of the loop could be the last
 */
#include "_queued.h"

/* All under the lock. */
struct cond {
	struct small_lock lock;
	uint32_t waiting; /* in the queue */
	uint32_t inside;  /* threads that will touch it again */
	struct waiter *first;
};

static void enqueue(struct cond *c, struct waiter *me)
{
	struct waiter **link = &c->first;

	small_lock(&c->lock);
	c->inside++;
	c->waiting++;
	while (*link)
		link = &(*link)->next;
	*link = me;
	small_unlock(&c->lock);
}

/* false: a signal has taken it. */
static bool dequeue(struct cond *c, const struct waiter *me)
{
	struct waiter **link = &c->first;

	while (*link && *link != me)
		link = &(*link)->next;
	if (!*link)
		return false;
	*link = me->next;
	c->waiting--;
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

/* false: nobody waits. The lock is not held for many. */
static bool wake_first(struct cond *c)
{
	struct waiter *w;

	small_lock(&c->lock);
	w = c->first;
	if (w) {
		c->first = w->next;
		c->waiting--;
		waiter_wake(w);
	}
	small_unlock(&c->lock);
	return w;
}

#if BROKEN
static uint32_t most(struct cond *c)
{
	(void)c;
	return UINT32_MAX;
}
#else
static uint32_t most(struct cond *c)
{
	uint32_t n;

	small_lock(&c->lock);
	n = c->waiting;
	small_unlock(&c->lock);
	return n;
}
#endif

static void signal(void *cond, unsigned n)
{
	struct cond *c = cond;
	uint32_t left = most(c);

	for (left = n < left ? n : left; left && wake_first(c); left--)
		;
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
		.brief = CANARY_BRIEF("a broadcast wakes until nobody waits"),
		.source = "sentry-native PR 1961",
		.size = sizeof(struct cond),
	},
	.destroy = destroy,
	.wait = wait,
	.timedwait = timedwait,
	.signal = signal,
	.broadcast = broadcast);
