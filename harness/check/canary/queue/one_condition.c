/* SPDX-License-Identifier: MIT */
/*
 * A bounded buffer with one condition for putters and getters, which signals
 * one: the one it wakes may be of its own kind, finds nothing to do, and sleeps
 * again. That was the last signal.
 *
 * Bug:       queue-one-condition
 * Source:    lemmy/BlockingQueue, a tutorial on TLA+ (safe only if twice the
 *            capacity is at least the number of threads); challenge 14 of the
 *            c2 wiki
 * Scenario:  capacity 1, one putter, two getters
 * Violation: all sleep
 */
#include <stdlib.h>

#include "../../../../primitives/posix.h"
#include "../../../../primitives/queue.h"
#include "../canary.h"

struct queue {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	/* ring[(first + i) % slots] for i < length are the items */
	void **ring;
	size_t slots, first, length;
	bool bounded, closed;
};

enum { LARGE = 1 << 19, CAPACITY_MAX = 1 << 30 };

static int init(void *queue, size_t capacity)
{
	struct queue *q = queue;

	if (capacity > CAPACITY_MAX)
		return SYNC_INVALID;
	*q = (struct queue){ .mutex = PTHREAD_MUTEX_INITIALIZER,
			     .changed = PTHREAD_COND_INITIALIZER,
			     .slots = capacity ? capacity : LARGE,
			     .bounded = capacity != 0 };
	q->ring = malloc(q->slots * sizeof(q->ring[0]));
	return q->ring ? SYNC_OK : SYNC_NO_MEMORY;
}

static void destroy(void *queue)
{
	struct queue *q = queue;

	pthread_cond_destroy(&q->changed);
	pthread_mutex_destroy(&q->mutex);
	free(q->ring);
}

static void tell(struct queue *q)
{
#if BROKEN
	pthread_cond_signal(&q->changed);
#else
	pthread_cond_broadcast(&q->changed);
#endif
}

static int put_now(struct queue *q, void *item)
{
	if (q->closed)
		return SYNC_CLOSED;
	if (q->length == q->slots)
		return q->bounded ? SYNC_BUSY : SYNC_NO_MEMORY;
	q->ring[(q->first + q->length++) % q->slots] = item;
	tell(q);
	return SYNC_OK;
}

static int get_now(struct queue *q, void **item)
{
	if (q->length == 0)
		return q->closed ? SYNC_CLOSED : SYNC_BUSY;
	*item = q->ring[q->first];
	q->first = (q->first + 1) % q->slots;
	q->length--;
	tell(q);
	return SYNC_OK;
}

static int timedput(void *queue, void *item, uint64_t deadline)
{
	struct queue *q = queue;
	int late = SYNC_OK, r;

	pthread_mutex_lock(&q->mutex);
	while ((r = put_now(q, item)) == SYNC_BUSY && !late)
		late = posix_cond_timedwait(&q->changed, &q->mutex, deadline);
	pthread_mutex_unlock(&q->mutex);
	return r == SYNC_BUSY ? SYNC_TIMEOUT : r;
}

static int put(void *queue, void *item)
{
	return timedput(queue, item, DEADLINE_NEVER);
}

static int tryput(void *queue, void *item)
{
	struct queue *q = queue;
	int r;

	pthread_mutex_lock(&q->mutex);
	r = put_now(q, item);
	pthread_mutex_unlock(&q->mutex);
	return r;
}

static int timedget(void *queue, void **item, uint64_t deadline)
{
	struct queue *q = queue;
	int late = SYNC_OK, r;

	pthread_mutex_lock(&q->mutex);
	while ((r = get_now(q, item)) == SYNC_BUSY && !late)
		late = posix_cond_timedwait(&q->changed, &q->mutex, deadline);
	pthread_mutex_unlock(&q->mutex);
	return r == SYNC_BUSY ? SYNC_TIMEOUT : r;
}

static int get(void *queue, void **item)
{
	return timedget(queue, item, DEADLINE_NEVER);
}

static int tryget(void *queue, void **item)
{
	struct queue *q = queue;
	int r;

	pthread_mutex_lock(&q->mutex);
	r = get_now(q, item);
	pthread_mutex_unlock(&q->mutex);
	return r;
}

static size_t length(void *queue)
{
	struct queue *q = queue;
	size_t n;

	pthread_mutex_lock(&q->mutex);
	n = q->length;
	pthread_mutex_unlock(&q->mutex);
	return n;
}

static void close_queue(void *queue)
{
	struct queue *q = queue;

	pthread_mutex_lock(&q->mutex);
	q->closed = true;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->mutex);
}

REGISTER_QUEUE(
	.id = {
		.name = CANARY_NAME,
		.family = PTHREAD,
		.brief = CANARY_BRIEF("one condition, one signal"),
		.source = "lemmy/BlockingQueue",
		.unsupported = "the buffer counts no tasks",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct queue),
	},
	.init = init,
	.destroy = destroy,
	.put = put,
	.tryput = tryput,
	.timedput = timedput,
	.get = get,
	.tryget = tryget,
	.timedget = timedget,
	.length = length,
	.close = close_queue);
