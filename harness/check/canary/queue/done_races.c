/* SPDX-License-Identifier: MIT */
/*
 * A queue that counts its tasks beside its lock, and whose task_done looks
 * whether there is one and then takes it: two at once take the same.
 *
 * Bug:       queue-done-races
 * Source:    planted: check, then act
 * Scenario:  one put, two calls of task_done at once
 * Violation: the count goes below zero, and join waits for 2^64 - 1 tasks
 * Caught by: perturb, histories
 * Explored by: done_once (assertion)
 */
#include "_monitor.h"

struct counted {
	struct queue queue;
	_Atomic uint64_t unfinished; /* joiners look with the lock */
};

static int counted_init(void *queue, size_t capacity)
{
	struct counted *c = queue;

	atomic_store_explicit(&c->unfinished, 0, memory_order_relaxed);
	return init(queue, capacity);
}

static void has_put(struct queue *q)
{
	struct counted *c = (struct counted *)q;

	atomic_fetch_add_explicit(&c->unfinished, 1, memory_order_relaxed);
	pthread_cond_signal(&q->can_get);
}

/* How many there were, or 0. */
static uint64_t take_one(struct counted *c)
{
	uint64_t n = atomic_load_explicit(&c->unfinished, memory_order_relaxed);

	/* [A] release: join acquires */
#if BROKEN
	if (n)
		n = atomic_fetch_sub_explicit(&c->unfinished, 1,
					      memory_order_acq_rel);
#else
	while (n && !atomic_compare_exchange_weak_explicit(
			    &c->unfinished, &n, n - 1, memory_order_acq_rel,
			    memory_order_relaxed))
		;
#endif
	return n;
}

static int counted_done(void *queue)
{
	struct counted *c = queue;
	uint64_t before = take_one(c);

	if (before == 1) {
		pthread_mutex_lock(&c->queue.mutex);
		pthread_cond_broadcast(&c->queue.all_done);
		pthread_mutex_unlock(&c->queue.mutex);
	}
	return before ? SYNC_OK : SYNC_INVALID;
}

static bool is_done(struct counted *c)
{
	/* [A] */
	return !atomic_load_explicit(&c->unfinished, memory_order_acquire);
}

static int counted_join(void *queue, uint64_t deadline)
{
	struct counted *c = queue;
	bool late = deadline == 0;
	int result;

	pthread_mutex_lock(&c->queue.mutex);
	while (!is_done(c) && !late)
		late = posix_cond_timedwait(&c->queue.all_done, &c->queue.mutex,
					    deadline);
	result = is_done(c) ? SYNC_OK : SYNC_TIMEOUT;
	pthread_mutex_unlock(&c->queue.mutex);
	return result;
}

REGISTER_QUEUE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a task is done twice"),
		.source = "planted",
		.unsupported = "a canary has no timed put and get",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct counted),
	},
	.init = counted_init,
	.destroy = destroy,
	.put = put,
	.tryput = tryput,
	.get = get,
	.tryget = tryget,
	.length = length,
	.task_done = counted_done,
	.join = counted_join,
	.close = close_queue);
