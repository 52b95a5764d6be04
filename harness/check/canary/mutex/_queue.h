/* SPDX-License-Identifier: MIT */
/*
 * What the canaries with a queue have in common: a lock of their own, and under
 * it the waiters in the order of arrival, each on its own stack.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include "../../../../primitives/mutex.h"
#include "../canary.h"
#include "../small_lock.h"

struct sleeper {
	struct sleeper *next;
	uint64_t id;
	_Atomic uint32_t woken;
};

struct queue {
	struct small_lock guard;
	struct sleeper *first, *last;
};

static inline void push(struct queue *q, struct sleeper *s)
{
	s->next = NULL;
	*(q->first ? &q->last->next : &q->first) = s;
	q->last = s;
}

static inline struct sleeper *pop(struct queue *q)
{
	struct sleeper *s = q->first;

	if (s)
		q->first = s->next;
	return s;
}

/* False if somebody has popped it. */
static inline bool take_out(struct queue *q, const struct sleeper *s)
{
	struct sleeper *before = NULL;

	for (struct sleeper *at = q->first; at; before = at, at = at->next) {
		if (at != s)
			continue;
		*(before ? &before->next : &q->first) = s->next;
		if (q->last == s)
			q->last = before;
		return true;
	}
	return false;
}

/* Under the guard, or the sleeper may be gone before it is told. */
static inline void wake(struct sleeper *s)
{
	atomic_store_explicit(&s->woken, 1, memory_order_release);
	futex_wake(&s->woken, 1);
}

/* False if the deadline has passed before. */
static inline bool sleep_until_woken(struct sleeper *s, uint64_t deadline)
{
	while (!atomic_load_explicit(&s->woken, memory_order_acquire))
		if (futex_wait(&s->woken, 0, deadline) == ETIMEDOUT)
			return false;
	return true;
}

#endif
