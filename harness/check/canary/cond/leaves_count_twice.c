/* SPDX-License-Identifier: MIT */
/*
 * A condition that counts its waiters, for a signal that finds none to be
 * cheap. A signal takes the waiters that it wakes off the count; one of them
 * that has timed out meanwhile takes itself off once more. The next waiter
 * brings the count to 0, and no signal looks for it.
 *
 * Bug:       cond-leaves-count-twice
 * Source:    TizenRT PR 7484 (2026), waiter count underflow in
 *            pthread_cond_timedwait
 * Scenario:  A signal reaches A when its deadline has passed; B waits; a signal
 * Violation: lost wake-up
 * Caught by: faults
 * Explored by: timeout_takes_no_signal (deadlock)
 */
#include "_queued.h"

struct cond {
	struct small_lock lock;
	_Atomic int32_t waiting;
	/* Under the lock. */
	uint32_t inside; /* threads that will touch it again */
	struct waiter *first;
};

static void count(struct cond *c, int32_t more)
{
	/* relaxed: the guard orders it, or the caller does not mind */
	atomic_fetch_add_explicit(&c->waiting, more, memory_order_relaxed);
}

static void enqueue(struct cond *c, struct waiter *me)
{
	struct waiter **link = &c->first;

	small_lock(&c->lock);
	c->inside++;
	while (*link)
		link = &(*link)->next;
	*link = me;
	count(c, 1);
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
	return true;
}

/* After its sleep; true: it was late. */
static bool leave(struct cond *c, const struct waiter *me, bool woken)
{
	bool late;

	small_lock(&c->lock);
	late = dequeue(c, me);
#if BROKEN
	if (!woken)
		count(c, -1);
#else
	(void)woken;
	if (late)
		count(c, -1);
#endif
	c->inside--;
	small_unlock(&c->lock);
	return late;
}

static int timedwait(void *cond, const struct guard *g, uint64_t deadline)
{
	struct waiter me = { .next = NULL };
	struct cond *c = cond;
	bool late;

	enqueue(c, &me);

	unsigned depth = guard_release(g);

	late = leave(c, &me, waiter_sleep(&me, deadline));
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

	if (atomic_load_explicit(&c->waiting, memory_order_relaxed) <= 0)
		return;
	small_lock(&c->lock);
	for (struct waiter *w; n && (w = c->first); n--) {
		c->first = w->next;
		count(c, -1);
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
		.brief = CANARY_BRIEF("who times out is counted out twice"),
		.source = "TizenRT PR 7484",
		.size = sizeof(struct cond),
	},
	.destroy = destroy,
	.wait = wait,
	.timedwait = timedwait,
	.signal = signal,
	.broadcast = broadcast);
