/* SPDX-License-Identifier: MIT */
/*
 * A condition as a queue of its waiters, oldest first. The families differ in
 * how a thread waits, so each defines the four functions below.
 *
 * State  head, tail  the queue of nodes, which lie on the waiters' stacks;
 *                    guarded by lock. head may be read without it: NULL then
 *                    says truly that no wait that happened before is unserved.
 *        claimed     of a node: set once, by the signaller that will wake it or
 *                    by the waiter that gives up. Whoever sets it first decides
 *                    what the wait returns; the other one yields. A claimed
 *                    node in the queue belongs to a waiter that gives up and is
 *                    on its way to unlink it: signals pass it over.
 *        word        of a node: NOTIFIED once the signaller has done with the
 *                    node, which is the waiter's again from then on
 *
 * A signaller unlinks nodes under the lock and wakes them after it, through the
 * chain of their next pointers, so that nobody is woken into a held lock and a
 * woken waiter touches the condition no more: it may be destroyed. Only a
 * waiter that gives up comes back to the queue, and destroy waits for it.
 *
 * There is no sequence number, so none can wrap or be taken by a latecomer.
 *
 * Edges  [A] lock's acquire pairs with [B] its release: the queue
 *        [C] acquire of word = NOTIFIED pairs with [D] its release: the last
 *            access of the signaller to the node, before its stack is reused
 */
#ifndef QUEUE_H
#define QUEUE_H

#include "../cond.h"

struct waiter {
	_Atomic uint32_t word; /* 0, NOTIFIED, or what the family adds */
	_Atomic uint32_t claimed;
	struct waiter *next, *previous;
	bool destroyer; /* waits for the queue to be empty, not for a signal */
};

struct cond {
	_Atomic uint32_t lock;
	_Atomic(struct waiter *) head;
	struct waiter *tail;
};

enum { NOTIFIED = 1 };

/* The queue's own lock, for a few dozen instructions at a time. */
static void queue_lock(struct cond *c);
static void queue_unlock(struct cond *c);
/* [C] Until the word is NOTIFIED; false when the deadline has passed. */
static bool await_notified(struct waiter *w, uint64_t deadline);
/* [D] The word becomes NOTIFIED; the node must not be touched any more. */
static void notify(struct waiter *w);

static inline struct waiter *head_of(struct cond *c)
{
	return atomic_load_explicit(&c->head, memory_order_relaxed);
}

static void append(struct cond *c, struct waiter *w)
{
	w->previous = c->tail;
	if (c->tail)
		c->tail->next = w;
	else
		atomic_store_explicit(&c->head, w, memory_order_relaxed);
	c->tail = w;
}

static void unlink_waiter(struct cond *c, struct waiter *w)
{
	if (w->next)
		w->next->previous = w->previous;
	else
		c->tail = w->previous;
	if (w->previous)
		w->previous->next = w->next;
	else
		atomic_store_explicit(&c->head, w->next, memory_order_relaxed);
}

/* relaxed: the lock and word carry the edges, this only picks one of two */
static bool claim(struct waiter *w)
{
	return !atomic_exchange_explicit(&w->claimed, 1, memory_order_relaxed);
}

/* Too late to be signalled: leave the queue. false: it was not too late. */
static COLD bool give_up(struct cond *c, struct waiter *w)
{
	struct waiter *destroyer = NULL;

	if (!claim(w)) {
		await_notified(w, DEADLINE_NEVER);
		return false;
	}
	queue_lock(c);
	unlink_waiter(c, w);
	if (unlikely(head_of(c) && head_of(c)->destroyer)) {
		destroyer = head_of(c);
		unlink_waiter(c, destroyer);
	}
	queue_unlock(c);
	if (unlikely(destroyer != NULL))
		notify(destroyer);
	return true;
}

static int timedwait(void *cond, const struct guard *g, uint64_t deadline)
{
	struct waiter me = { .word = 0 };
	int result = SYNC_OK;

	queue_lock(cond);
	append(cond, &me);
	queue_unlock(cond);

	unsigned depth = guard_release(g);

	if (!await_notified(&me, deadline) && give_up(cond, &me))
		result = SYNC_TIMEOUT;
	guard_acquire(g, depth);
	return result;
}

static void wait(void *cond, const struct guard *g)
{
	timedwait(cond, g, DEADLINE_NEVER);
}

/* Unlink up to n waiters that have not given up; they stay chained. */
static struct waiter *take(struct cond *c, unsigned n)
{
	struct waiter *first = NULL, **link = &first;
	struct waiter *next;

	for (struct waiter *w = head_of(c); w && n; w = next) {
		next = w->next;
		if (!claim(w))
			continue;
		unlink_waiter(c, w);
		*link = w;
		link = &w->next;
		n--;
	}
	*link = NULL;
	return first;
}

static COLD void signal_slow(struct cond *c, unsigned n)
{
	struct waiter *next;

	queue_lock(c);

	struct waiter *w = take(c, n);

	queue_unlock(c);
	for (; w; w = next) {
		next = w->next; /* before it is the waiter's again */
		notify(w);
	}
}

/*
 * relaxed: whoever changes what is waited for under the mutex has seen, through
 * the mutex, the queue of everyone who waited before.
 */
static inline void signal(void *cond, unsigned n)
{
	if (head_of(cond))
		signal_slow(cond, n);
}

static inline void broadcast(void *cond)
{
	signal(cond, UINT_MAX);
}

static void destroy(void *cond)
{
	struct waiter me = { .claimed = 1, .destroyer = true };
	struct cond *c = cond;

	queue_lock(c);

	bool empty = !head_of(c);

	if (!empty)
		append(c, &me);
	queue_unlock(c);
	if (!empty)
		await_notified(&me, DEADLINE_NEVER);
}

#endif
