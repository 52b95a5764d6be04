/* SPDX-License-Identifier: MIT */
/*
 * A queue that counts puts and gets beside its lock, so that a try to get from
 * an empty one need not take it: they are as many. A look that sees a new get
 * and not the put that its thread had made before takes for empty what never
 * was.
 *
 * Bug:       queue-stale-look
 * Source:    planted; our own bounded ring answered so until it was explored
 * Scenario:  an item; one thread puts a second and gets the first, one tries
 * Violation: empty, though there has been an item all the time
 * Weak only: x86 does not reorder loads
 * Explored by: history_never_empty (not linearizable)
 */
#include "_monitor.h"

struct counted {
	struct queue queue;
	_Atomic uint64_t puts, gets; /* they only grow */
	_Atomic bool closed;	     /* a hint: the lock has the truth */
};

static void has_put(struct queue *q)
{
	struct counted *c = (struct counted *)q;

	q->unfinished++;
	pthread_cond_signal(&q->can_get);
	/* before anybody can get it */
	atomic_fetch_add_explicit(&c->puts, 1, memory_order_release);
}

static int count(struct counted *c, int result)
{
	/* [A] */
	if (result == SYNC_OK)
		atomic_fetch_add_explicit(&c->gets, 1, memory_order_release);
	return result;
}

static int counted_get(void *queue, void **item)
{
	return count(queue, get(queue, item));
}

static bool looks_empty(struct counted *c)
{
#if BROKEN
	const memory_order order = memory_order_relaxed;
#else
	/* [A]: who sees a get sees the puts of its thread */
	const memory_order order = memory_order_acquire;
#endif
	uint64_t gets = atomic_load_explicit(&c->gets, order);

	return atomic_load_explicit(&c->puts, memory_order_acquire) == gets;
}

static int counted_tryget(void *queue, void **item)
{
	struct counted *c = queue;

	if (!atomic_load_explicit(&c->closed, memory_order_acquire) &&
	    looks_empty(c))
		return SYNC_BUSY;
	return count(c, tryget(queue, item));
}

static void counted_close(void *queue)
{
	struct counted *c = queue;

	atomic_store_explicit(&c->closed, true, memory_order_release);
	close_queue(queue);
}

REGISTER_QUEUE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("looks at two counters without order"),
		.source = "planted",
		.unsupported = "a canary has no timed put and get",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct counted),
	},
	.init = init,
	.destroy = destroy,
	.put = put,
	.tryput = tryput,
	.get = counted_get,
	.tryget = counted_tryget,
	.length = length,
	.task_done = task_done,
	.join = join,
	.close = counted_close);
