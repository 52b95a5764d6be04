/* SPDX-License-Identifier: MIT */
/*
 * A queue that wakes waiters in their order: each has a node with a condition
 * of its own in a line, and the first is signalled. It leaves the line itself,
 * when it has the mutex again. Until then it is the first for further
 * notifications too, and they are lost on it.
 *
 * Bug:       queue-notified-twice
 * Source:    pingcap/tiflash PR 3647 (2021), MPMCQueue: "one node may be
 *            notified more than once"; the one who notifies now detaches it
 * Scenario:  two getters asleep, two puts in a row
 * Violation: lost wake-up: the second getter sleeps beside an item
 */
#include <stdlib.h>

#include "../../../../primitives/posix.h"
#include "../../../../primitives/queue.h"
#include "../canary.h"

struct node {
	struct node *next;
	pthread_cond_t called;
};

/* All under the mutex. */
struct queue {
	pthread_mutex_t mutex;
	struct node *putters, *getters; /* lines, the first one first */
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
			     .slots = capacity ? capacity : LARGE,
			     .bounded = capacity != 0 };
	q->ring = malloc(q->slots * sizeof(q->ring[0]));
	return q->ring ? SYNC_OK : SYNC_NO_MEMORY;
}

static void destroy(void *queue)
{
	struct queue *q = queue;

	pthread_mutex_destroy(&q->mutex);
	free(q->ring);
}

static void enlist(struct node **line, struct node *n)
{
	while (*line)
		line = &(*line)->next;
	*line = n;
}

/* If it is there still. */
static void unlist(struct node **line, const struct node *n)
{
	while (*line && *line != n)
		line = &(*line)->next;
	if (*line)
		*line = n->next;
}

static void notify(struct node **line)
{
	struct node *n = *line;

	if (!n)
		return;
#if !BROKEN
	*line = n->next;
#endif
	pthread_cond_signal(&n->called);
}

/* 0 or SYNC_TIMEOUT. */
static int wait_in(struct queue *q, struct node **line, uint64_t deadline)
{
	struct node n = { 0 };
	int r;

	if (!deadline)
		return SYNC_TIMEOUT;
	pthread_cond_init(&n.called, NULL);
	enlist(line, &n);
	r = posix_cond_timedwait(&n.called, &q->mutex, deadline);
	unlist(line, &n);
	pthread_cond_destroy(&n.called);
	return r;
}

static int put_now(struct queue *q, void *item)
{
	if (q->closed)
		return SYNC_CLOSED;
	if (q->length == q->slots)
		return q->bounded ? SYNC_BUSY : SYNC_NO_MEMORY;
	q->ring[(q->first + q->length++) % q->slots] = item;
	notify(&q->getters);
	return SYNC_OK;
}

static int get_now(struct queue *q, void **item)
{
	if (q->length == 0)
		return q->closed ? SYNC_CLOSED : SYNC_BUSY;
	*item = q->ring[q->first];
	q->first = (q->first + 1) % q->slots;
	q->length--;
	notify(&q->putters);
	return SYNC_OK;
}

/* A waiter that is late looks once more, so no call is lost on it. */
static int put_until(struct queue *q, void *item, uint64_t deadline)
{
	int late = SYNC_OK, r;

	pthread_mutex_lock(&q->mutex);
	while ((r = put_now(q, item)) == SYNC_BUSY && !late)
		late = wait_in(q, &q->putters, deadline);
	pthread_mutex_unlock(&q->mutex);
	return r;
}

static int get_until(struct queue *q, void **item, uint64_t deadline)
{
	int late = SYNC_OK, r;

	pthread_mutex_lock(&q->mutex);
	while ((r = get_now(q, item)) == SYNC_BUSY && !late)
		late = wait_in(q, &q->getters, deadline);
	pthread_mutex_unlock(&q->mutex);
	return r;
}

static int timedput(void *queue, void *item, uint64_t deadline)
{
	int r = put_until(queue, item, deadline);

	return r == SYNC_BUSY ? SYNC_TIMEOUT : r;
}

static int put(void *queue, void *item)
{
	return put_until(queue, item, DEADLINE_NEVER);
}

static int tryput(void *queue, void *item)
{
	return put_until(queue, item, 0);
}

static int timedget(void *queue, void **item, uint64_t deadline)
{
	int r = get_until(queue, item, deadline);

	return r == SYNC_BUSY ? SYNC_TIMEOUT : r;
}

static int get(void *queue, void **item)
{
	return get_until(queue, item, DEADLINE_NEVER);
}

static int tryget(void *queue, void **item)
{
	return get_until(queue, item, 0);
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
	for (struct node *n = q->putters; n; n = n->next)
		pthread_cond_signal(&n->called);
	for (struct node *n = q->getters; n; n = n->next)
		pthread_cond_signal(&n->called);
	pthread_mutex_unlock(&q->mutex);
}

REGISTER_QUEUE(
	.id = {
		.name = CANARY_NAME,
		.family = PTHREAD,
		.brief = CANARY_BRIEF("the first in line is called again"),
		.source = "pingcap/tiflash PR 3647",
		.unsupported = "the queue counts no tasks",
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
