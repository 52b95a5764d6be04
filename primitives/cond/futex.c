/* SPDX-License-Identifier: MIT */
/*
 * A queue of waiters, each of which sleeps on a futex word of its own; FIFO.
 *
 * Source: the queue as in musl's pthread_cond_timedwait (R. Felker, 2014) and
 * A. Birrell, "Implementing condition variables with semaphores" (2003): the
 * signaller chooses whom it wakes, so that no latecomer can take the wake.
 *
 * State  see _queue.h; in addition
 *        word of a node  ASLEEP: the waiter sleeps or is about to; may not be
 *                        stale, since only the waiter sets it, and stays
 *        lock            FREE, HELD, CONTENDED as in mutex/futex.c
 *
 * Edges  [A] to [D] in _queue.h
 *
 * Progress: FIFO as to whom a signal wakes; the mutex decides who returns
 * first. A waiter spins briefly and then sleeps.
 * Costs: a signal that finds nobody is one load. Otherwise two atomic
 * read-modify-writes for the queue and one a waiter, and one FUTEX_WAKE for
 * each waiter that sleeps: a broadcast to many loses to a single word that all
 * sleep on.
 */
#include "_queue.h"

enum { FREE, HELD, CONTENDED };

enum { ASLEEP = NOTIFIED + 1 };

static COLD void queue_lock_slow(struct cond *c)
{
	/* [A]; no spin: the holder has been preempted, as sections are short */
	while (atomic_exchange_explicit(&c->lock, CONTENDED,
					memory_order_acquire) != FREE)
		futex_wait(&c->lock, CONTENDED, DEADLINE_NEVER);
}

static void queue_lock(struct cond *c)
{
	uint32_t expected = FREE;

	/* [A] */
	if (unlikely(!atomic_compare_exchange_strong_explicit(
		    &c->lock, &expected, HELD, memory_order_acquire,
		    memory_order_relaxed)))
		queue_lock_slow(c);
}

static void queue_unlock(struct cond *c)
{
	/* [B] */
	if (unlikely(atomic_exchange_explicit(&c->lock, FREE,
					      memory_order_release) ==
		     CONTENDED))
		futex_wake(&c->lock, 1);
}

static bool is_notified(struct waiter *w)
{
	/* [C] */
	return atomic_load_explicit(&w->word, memory_order_acquire) == NOTIFIED;
}

static bool await_notified(struct waiter *w, uint64_t deadline)
{
	struct backoff b = { 0 };
	uint32_t expected = 0;

	while (backoff_or_yield(&b))
		if (is_notified(w))
			return true;
	/* fails if it is NOTIFIED, or ASLEEP from an earlier wait */
	atomic_compare_exchange_strong_explicit(&w->word, &expected, ASLEEP,
						memory_order_relaxed,
						memory_order_relaxed);
	while (!is_notified(w))
		if (futex_wait(&w->word, ASLEEP, deadline) == ETIMEDOUT)
			return is_notified(w);
	return true;
}

static void notify(struct waiter *w)
{
	/* [D]; from here on w is but an address */
	if (atomic_exchange_explicit(&w->word, NOTIFIED,
				     memory_order_release) == ASLEEP)
		futex_wake(&w->word, 1);
}

REGISTER_COND(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "queue of waiters, each on a futex of its own; FIFO",
		.source = "musl; Birrell 2003",
		.flags = IMPL_FIFO,
		.size = sizeof(struct cond),
	},
	.destroy = destroy,
	.wait = wait,
	.timedwait = timedwait,
	.signal = signal,
	.broadcast = broadcast);
