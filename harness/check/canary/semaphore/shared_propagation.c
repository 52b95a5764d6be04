/* SPDX-License-Identifier: MIT */
/*
 * A queue of parked waiters with a mark, "the first one needs a wake-up". A
 * release takes the mark and wakes the first; who has taken a permit wakes the
 * next one if that left permits. A release between taking the permit and
 * leaving the queue finds no mark, and its permit was not among those left.
 *
 * Source of the form: AbstractQueuedSynchronizer, whose head's status is the
 * mark, reduced: the queue has a lock. Only the first waiter takes its permit
 * outside of it, as there. tryacquire and release hold it until they have
 * finished, so that nobody gets through a release that is still at work.
 *
 * Bug:       pub-sem-shared-propagation
 * Source:    JDK-6801020
 * Scenario:  two waiters queued; two threads release(1) each
 * Violation: lost wake-up
 * Caught by: perturb
 * Rare:      two preemptions of four threads, each within a few instructions
 * Explored by: release_twice (deadlock)
 */
#include "../../../../primitives/semaphore.h"
#include "../canary.h"
#include "../small_lock.h"

struct node {
	struct node *next, *previous;
	bool next_sleeps; /* the mark for its successor */
	_Atomic uint32_t unparked;
};

struct semaphore {
	struct small_lock lock;
	_Atomic uint32_t permits;
	struct node *first, *last;
	bool first_sleeps; /* the mark */
	uint32_t most;
};

static int init(void *semaphore, unsigned initial, unsigned bound)
{
	struct semaphore *s = semaphore;

	if (initial > SEMAPHORE_MAX || (bound && initial > bound))
		return SYNC_INVALID;
	*s = (struct semaphore){ .most = bound < SEMAPHORE_MAX
						 ? bound
						 : SEMAPHORE_MAX };
	atomic_init(&s->permits, initial);
	return SYNC_OK;
}

static unsigned value(void *semaphore)
{
	struct semaphore *s = semaphore;

	return atomic_load_explicit(&s->permits, memory_order_relaxed);
}

static bool take(struct semaphore *s, uint32_t *left)
{
	uint32_t n = value(s);

	while (n) {
		*left = n - 1;
		if (atomic_compare_exchange_weak_explicit(
			    &s->permits, &n, n - 1, memory_order_acquire,
			    memory_order_relaxed))
			return true;
	}
	return false;
}

/* Under the lock. */
static void unpark_first(struct semaphore *s)
{
	if (!s->first_sleeps)
		return;
	s->first_sleeps = false;
	atomic_store_explicit(&s->first->unparked, 1, memory_order_release);
	futex_wake(&s->first->unparked, 1);
}

static void park(struct node *me)
{
	while (!atomic_exchange_explicit(&me->unparked, 0,
					 memory_order_acquire))
		futex_wait(&me->unparked, 0, DEADLINE_NEVER);
}

static void enqueue(struct semaphore *s, struct node *me)
{
	small_lock(&s->lock);
	me->previous = s->last;
	if (s->last)
		s->last->next = me;
	else
		s->first = me;
	s->last = me;
	small_unlock(&s->lock);
}

static bool is_first(struct semaphore *s, const struct node *me)
{
	bool first;

	small_lock(&s->lock);
	first = s->first == me;
	small_unlock(&s->lock);
	return first;
}

/* Ask for a wake-up; true if that was asked already, before the last look. */
static bool mark(struct semaphore *s, const struct node *me)
{
	bool *sleeps, marked;

	small_lock(&s->lock);
	sleeps = me->previous ? &me->previous->next_sleeps : &s->first_sleeps;
	marked = *sleeps;
	*sleeps = true;
	small_unlock(&s->lock);
	return marked;
}

static void dequeue(struct semaphore *s, const struct node *me, uint32_t left)
{
	small_lock(&s->lock);
	s->first = me->next;
	s->first_sleeps = me->next_sleeps;
	if (s->first)
		s->first->previous = NULL;
	else
		s->last = NULL;
#if !BROKEN
	left = value(s);
#endif
	if (left)
		unpark_first(s);
	small_unlock(&s->lock);
}

static int tryacquire(void *semaphore)
{
	struct semaphore *s = semaphore;
	uint32_t left;
	bool taken;

	small_lock(&s->lock);
	taken = take(s, &left);
	small_unlock(&s->lock);
	return taken ? SYNC_OK : SYNC_BUSY;
}

static void acquire(void *semaphore)
{
	struct node me = { .next = NULL };
	uint32_t left;

	if (!tryacquire(semaphore))
		return;
	enqueue(semaphore, &me);
	while (!is_first(semaphore, &me) || !take(semaphore, &left))
		if (mark(semaphore, &me))
			park(&me);
	dequeue(semaphore, &me, left);
}

static int release(void *semaphore, unsigned n)
{
	struct semaphore *s = semaphore;
	uint32_t most = s->most ? s->most : SEMAPHORE_MAX;
	int result = SYNC_OVERFLOW;

	small_lock(&s->lock);
	if (n <= most - value(s)) {
		atomic_fetch_add_explicit(&s->permits, n, memory_order_release);
		unpark_first(s);
		result = SYNC_OK;
	}
	small_unlock(&s->lock);
	return result;
}

REGISTER_SEMAPHORE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a permit between two looks is passed on by nobody"),
		.source = "JDK-6801020",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct semaphore),
	},
	.init = init,
	.acquire = acquire,
	.tryacquire = tryacquire,
	.release = release,
	.value = value);
