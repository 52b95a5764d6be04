/* SPDX-License-Identifier: MIT */
/*
 * An event with a node for each waiter: set makes the node ready and looks into
 * it once more, for the word to wake, when its waiter may have returned.
 *
 * The node is on the heap, freed by its waiter: ThreadSanitizer and the perturb
 * runtime see that. On the waiter's stack it would be as wrong, but only
 * AddressSanitizer could see it, and only if set is late.
 *
 * Bug:       pub-event-signal-touches-waiter
 * Source:    crossbeam PR 146 (2017); abseil 9444b11e (2022)
 * Scenario:  a waiter with a heap node that it frees on return; a set
 * Violation: use after free
 * Caught by: perturb, tsan-gcc, tsan-clang
 * Explored by: clear_look_wait (use after free)
 */
#include <stdlib.h>

#include "../../../../primitives/event.h"
#include "../canary.h"
#include "../small_lock.h"

struct node {
	struct node *next;
	_Atomic uint32_t ready;
	const _Atomic uint32_t *parker; /* the word that its waiter sleeps on */
};

/* Under the lock: the flag and the waiters. */
struct event {
	struct small_lock lock;
	_Atomic bool flag;
	struct node *waiters;
};

static bool is_set(void *event)
{
	struct event *e = event;

	return atomic_load_explicit(&e->flag, memory_order_acquire);
}

/* NULL if the event is set. */
static struct node *enlist(struct event *e)
{
	struct node *n = calloc(1, sizeof(*n));

	if (!n)
		abort();
	n->parker = &n->ready;
	small_lock(&e->lock);
	if (is_set(e)) {
		free(n);
		n = NULL;
	} else {
		n->next = e->waiters;
		e->waiters = n;
	}
	small_unlock(&e->lock);
	return n;
}

/* false: set has taken it already. */
static bool unlist(struct event *e, const struct node *n)
{
	struct node **link;
	bool found;

	small_lock(&e->lock);
	for (link = &e->waiters; *link && *link != n; link = &(*link)->next)
		;
	found = *link;
	if (found)
		*link = n->next;
	small_unlock(&e->lock);
	return found;
}

static bool ready(struct node *n)
{
	return atomic_load_explicit(&n->ready, memory_order_acquire);
}

static bool park(struct node *n, uint64_t deadline)
{
	struct backoff b = { 0 };

	while (!ready(n))
		if (!backoff_once(&b) &&
		    futex_wait(n->parker, 0, deadline) == ETIMEDOUT)
			return ready(n);
	return true;
}

static int timedwait(void *event, uint64_t deadline)
{
	struct node *n = enlist(event);
	int result = SYNC_OK;

	if (!n)
		return SYNC_OK;
	if (!park(n, deadline)) {
		if (unlist(event, n))
			result = SYNC_TIMEOUT;
		else
			park(n, DEADLINE_NEVER);
	}
	free(n);
	return result;
}

static void wait(void *event)
{
	timedwait(event, DEADLINE_NEVER);
}

static void signal(struct node *n)
{
	const _Atomic uint32_t *parker;

#if BROKEN
	atomic_store_explicit(&n->ready, 1, memory_order_release);
	parker = n->parker;
#else
	parker = n->parker;
	atomic_store_explicit(&n->ready, 1, memory_order_release);
#endif
	futex_wake(parker, 1);
}

static void set(void *event)
{
	struct event *e = event;
	struct node *waiters, *next;

	small_lock(&e->lock);
	atomic_store_explicit(&e->flag, true, memory_order_release);
	waiters = e->waiters;
	e->waiters = NULL;
	small_unlock(&e->lock);
	for (struct node *n = waiters; n; n = next) {
		next = n->next;
		signal(n);
	}
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
		.brief = CANARY_BRIEF("set touches a waiter that may be gone"),
		.source = "crossbeam PR 146",
		.size = sizeof(struct event),
	},
	.set = set,
	.clear = clear,
	.is_set = is_set,
	.wait = wait,
	.timedwait = timedwait);
