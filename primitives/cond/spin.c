/* SPDX-License-Identifier: MIT */
/*
 * A queue of waiters, each of which spins on a word of its own; FIFO.
 *
 * Source: the queue as in cond/futex.c; spinning on a word of one's own as in
 * J. Mellor-Crummey and M. Scott, "Algorithms for scalable synchronization on
 * shared-memory multiprocessors" (1991).
 *
 * State  see _queue.h; lock is 0 free, 1 held
 *
 * Edges  [A] to [D] in _queue.h
 *
 * Progress: FIFO as to whom a signal wakes; waiters never sleep in the kernel,
 * but yield after a short spin.
 * Costs: a signal that finds nobody is one load. Otherwise one atomic
 * read-modify-write for the queue and one a waiter. Loses wherever waits are
 * long: each waiter burns a core or keeps the scheduler busy.
 */
#include "_queue.h"

static void queue_lock(struct cond *c)
{
	struct spinner s = { 0 };

	/* [A] */
	while (atomic_exchange_explicit(&c->lock, 1, memory_order_acquire))
		while (atomic_load_explicit(&c->lock, memory_order_relaxed))
			spin_once(&s, DEADLINE_NEVER);
}

static void queue_unlock(struct cond *c)
{
	/* [B] */
	atomic_store_explicit(&c->lock, 0, memory_order_release);
}

static bool await_notified(struct waiter *w, uint64_t deadline)
{
	struct spinner s = { 0 };

	/* [C] */
	while (atomic_load_explicit(&w->word, memory_order_acquire) != NOTIFIED)
		if (!spin_once(&s, deadline))
			return false;
	return true;
}

static void notify(struct waiter *w)
{
	/* [D]; from here on w is but an address */
	atomic_store_explicit(&w->word, NOTIFIED, memory_order_release);
}

REGISTER_COND(
	.id = {
		.name = "spin",
		.family = SPIN,
		.brief = "queue of waiters, each spins on its own word; FIFO",
		.source = "Mellor-Crummey and Scott, 1991, for the waiting",
		.flags = IMPL_FIFO,
		.size = sizeof(struct cond),
	},
	.destroy = destroy,
	.wait = wait,
	.timedwait = timedwait,
	.signal = signal,
	.broadcast = broadcast);
