/* SPDX-License-Identifier: MIT */
/*
 * A semaphore that promises its waiters the order of arrival. A release adds
 * the permits and wakes the first waiter, who takes one as soon as it runs; but
 * whoever comes before that takes what is there, without a look at the queue.
 *
 * Bug:       semaphore-queue-overtaken
 * Source:    CPython gh-90155 (2021), "asyncio.Semaphore waiters deque doesn't
 *            work", and pull request 93222, "strengthen FIFO guarantee"
 * Scenario:  one waits; release; another thread acquires at once
 * Violation: the order that it promises
 * Caught by: laws, perturb
 * Explored by: none: no client can tell who has queued up first
 */
#include "../../../../primitives/semaphore.h"
#include "../canary.h"
#include "../small_lock.h"

struct node {
	struct node *next;
	_Atomic uint32_t woken;
};

struct semaphore {
	struct small_lock lock; /* of what follows */
	uint32_t permits, most;
	struct node *first, **end;
};

static int init(void *semaphore, unsigned initial, unsigned bound)
{
	struct semaphore *s = semaphore;

	if (initial > SEMAPHORE_MAX || (bound && initial > bound))
		return SYNC_INVALID;
	*s = (struct semaphore){ .permits = initial,
				 .most = bound && bound < SEMAPHORE_MAX
						 ? bound
						 : SEMAPHORE_MAX };
	s->end = &s->first;
	return SYNC_OK;
}

/* What follows is done under the lock. */
static uint32_t ahead_of(struct semaphore *s, const struct node *me)
{
	uint32_t n = 0;

#if !BROKEN
	for (struct node *at = s->first; at != me; at = at->next)
		n++;
#endif
	(void)s, (void)me;
	return n;
}

/* A permit that nobody ahead of us waits for; NULL: we have just come. */
static bool take(struct semaphore *s, const struct node *me)
{
	if (s->permits <= ahead_of(s, me))
		return false;
	s->permits--;
	return true;
}

static void wake_first(struct semaphore *s)
{
	if (!s->permits || !s->first)
		return;
	atomic_store_explicit(&s->first->woken, 1, memory_order_relaxed);
	futex_wake(&s->first->woken, 1);
}

static void enqueue(struct semaphore *s, struct node *me)
{
	*s->end = me;
	s->end = &me->next;
}

static void dequeue(struct semaphore *s, const struct node *me)
{
	struct node **at = &s->first;

	while (*at != me)
		at = &(*at)->next;
	*at = me->next;
	if (!*at)
		s->end = at;
	wake_first(s);
}

static int tryacquire(void *semaphore)
{
	struct semaphore *s = semaphore;
	bool taken;

	small_lock(&s->lock);
	taken = take(s, NULL);
	small_unlock(&s->lock);
	return taken ? SYNC_OK : SYNC_BUSY;
}

/* Not under the lock. */
static bool sleep_until_woken(struct semaphore *s, struct node *me,
			      uint64_t deadline)
{
	int r = 0;

	small_unlock(&s->lock);
	while (r != ETIMEDOUT &&
	       !atomic_exchange_explicit(&me->woken, 0, memory_order_relaxed))
		r = futex_wait(&me->woken, 0, deadline);
	small_lock(&s->lock);
	return r != ETIMEDOUT;
}

static int timedacquire(void *semaphore, uint64_t deadline)
{
	struct semaphore *s = semaphore;
	struct node me = { .next = NULL };
	bool taken, in_time = true;

	small_lock(&s->lock);
	taken = take(s, NULL);
	if (!taken) {
		enqueue(s, &me);
		while (!(taken = take(s, &me)) && in_time)
			in_time = sleep_until_woken(s, &me, deadline);
		dequeue(s, &me);
	}
	small_unlock(&s->lock);
	return taken ? SYNC_OK : SYNC_TIMEOUT;
}

static void acquire(void *semaphore)
{
	timedacquire(semaphore, DEADLINE_NEVER);
}

static int release(void *semaphore, unsigned n)
{
	struct semaphore *s = semaphore;
	int result = SYNC_OVERFLOW;

	small_lock(&s->lock);
	if (n <= s->most - s->permits) {
		s->permits += n;
		wake_first(s);
		result = SYNC_OK;
	}
	small_unlock(&s->lock);
	return result;
}

static unsigned value(void *semaphore)
{
	struct semaphore *s = semaphore;
	unsigned permits;

	small_lock(&s->lock);
	permits = s->permits;
	small_unlock(&s->lock);
	return permits;
}

REGISTER_SEMAPHORE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("who has just come is before who was woken"),
		.source = "CPython gh-90155",
		.flags = IMPL_FIFO | IMPL_NEEDS_INIT,
		.size = sizeof(struct semaphore),
	},
	.init = init,
	.acquire = acquire,
	.tryacquire = tryacquire,
	.timedacquire = timedacquire,
	.release = release,
	.value = value);
