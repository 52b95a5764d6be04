/* SPDX-License-Identifier: MIT */
/*
 * A queue under one mutex, with three conditions: what the broken queues have
 * in common. Each of them says in has_put, called under the mutex, what a put
 * does once its item is in the ring.
 *
 * Source: C. A. R. Hoare, "Monitors" (CACM 1974), the bounded buffer.
 */
#ifndef CANARY_QUEUE_MONITOR_H
#define CANARY_QUEUE_MONITOR_H

#include <stdlib.h>

#include "../../../../primitives/posix.h"
#include "../../../../primitives/queue.h"
#include "../canary.h"

struct queue {
	pthread_mutex_t mutex;
	pthread_cond_t can_put, can_get, all_done;
	/* ring[(first + i) % slots] for i < length are the items */
	void **ring;
	size_t slots, first, length;
	size_t unfinished;
	bool bounded, closed;
};

static void has_put(struct queue *q);

enum { FIRST_SLOTS = 64, CAPACITY_MAX = 1 << 30 };

static int init(void *queue, size_t capacity)
{
	struct queue *q = queue;

	if (capacity > CAPACITY_MAX)
		return SYNC_INVALID;
	*q = (struct queue){
		.mutex = PTHREAD_MUTEX_INITIALIZER,
		.can_put = PTHREAD_COND_INITIALIZER,
		.can_get = PTHREAD_COND_INITIALIZER,
		.all_done = PTHREAD_COND_INITIALIZER,
		.slots = capacity ? capacity : FIRST_SLOTS,
		.bounded = capacity != 0,
	};
	q->ring = malloc(q->slots * sizeof(q->ring[0]));
	return q->ring ? SYNC_OK : SYNC_NO_MEMORY;
}

static void destroy(void *queue)
{
	struct queue *q = queue;

	pthread_cond_destroy(&q->all_done);
	pthread_cond_destroy(&q->can_get);
	pthread_cond_destroy(&q->can_put);
	pthread_mutex_destroy(&q->mutex);
	free(q->ring);
}

/* Twice the slots, and the items from the first one on. */
static bool grow(struct queue *q)
{
	void **ring = malloc(2 * q->slots * sizeof(ring[0]));

	if (!ring)
		return false;
	for (size_t i = 0; i < q->length; i++)
		ring[i] = q->ring[(q->first + i) % q->slots];
	free(q->ring);
	q->ring = ring;
	q->first = 0;
	q->slots *= 2;
	return true;
}

static int put_or_busy(struct queue *q, void *item, bool wait)
{
	int result = SYNC_OK;

	pthread_mutex_lock(&q->mutex);
	while (wait && q->bounded && q->length == q->slots && !q->closed)
		pthread_cond_wait(&q->can_put, &q->mutex);
	if (q->closed)
		result = SYNC_CLOSED;
	else if (q->length == q->slots && q->bounded)
		result = SYNC_BUSY;
	else if (q->length == q->slots && !grow(q))
		result = SYNC_NO_MEMORY;
	if (result == SYNC_OK) {
		q->ring[(q->first + q->length++) % q->slots] = item;
		has_put(q);
	}
	pthread_mutex_unlock(&q->mutex);
	return result;
}

static int put(void *queue, void *item)
{
	return put_or_busy(queue, item, true);
}

static int tryput(void *queue, void *item)
{
	return put_or_busy(queue, item, false);
}

static int get_or_busy(struct queue *q, void **item, bool wait)
{
	int result = SYNC_OK;

	pthread_mutex_lock(&q->mutex);
	while (wait && q->length == 0 && !q->closed)
		pthread_cond_wait(&q->can_get, &q->mutex);
	if (q->length) {
		*item = q->ring[q->first];
		q->first = (q->first + 1) % q->slots;
		q->length--;
		pthread_cond_signal(&q->can_put);
	} else {
		result = q->closed ? SYNC_CLOSED : SYNC_BUSY;
	}
	pthread_mutex_unlock(&q->mutex);
	return result;
}

static int get(void *queue, void **item)
{
	return get_or_busy(queue, item, true);
}

static int tryget(void *queue, void **item)
{
	return get_or_busy(queue, item, false);
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

static inline int task_done(void *queue)
{
	struct queue *q = queue;
	int result = SYNC_INVALID;

	pthread_mutex_lock(&q->mutex);
	if (q->unfinished) {
		result = SYNC_OK;
		if (--q->unfinished == 0)
			pthread_cond_broadcast(&q->all_done);
	}
	pthread_mutex_unlock(&q->mutex);
	return result;
}

static inline int join(void *queue, uint64_t deadline)
{
	struct queue *q = queue;
	bool late = deadline == 0;
	int result;

	pthread_mutex_lock(&q->mutex);
	while (q->unfinished && !late)
		late = posix_cond_timedwait(&q->all_done, &q->mutex, deadline);
	result = q->unfinished ? SYNC_TIMEOUT : SYNC_OK;
	pthread_mutex_unlock(&q->mutex);
	return result;
}

static void close_queue(void *queue)
{
	struct queue *q = queue;

	pthread_mutex_lock(&q->mutex);
	q->closed = true;
	pthread_cond_broadcast(&q->can_put);
	pthread_cond_broadcast(&q->can_get);
	pthread_mutex_unlock(&q->mutex);
}

#define REGISTER_MONITOR(brief_, source_)                                      \
	REGISTER_QUEUE(                                                        \
		.id = {                                                        \
			.name = CANARY_NAME,                                   \
			.brief = CANARY_BRIEF(brief_),                         \
			.source = source_,                                     \
			.unsupported = "a canary has no timed put and get",    \
			.flags = IMPL_NEEDS_INIT | IMPL_LARGE,                 \
			.size = sizeof(struct queue),                          \
		},                                                             \
		.init = init, .destroy = destroy, .put = put,                  \
		.tryput = tryput, .get = get, .tryget = tryget,                \
		.length = length, .task_done = task_done, .join = join,        \
		.close = close_queue)

#endif
