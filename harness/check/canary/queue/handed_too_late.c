/* SPDX-License-Identifier: MIT */
/*
 * A queue that hands an item to the first getter in line, if one waits. That
 * one may have reached its deadline and wait for the mutex only: it says so,
 * and the item that it has been handed goes with it.
 *
 * Bug:       queue-handed-too-late
 * Source:    agronholm/anyio PR 147 (2020), memory object streams: an item
 *            handed to a receiver that has been cancelled is lost; so is
 *            typelevel/cats-effect issue 4571 (2026)
 * Scenario:  a timed get at its deadline, a put
 * Violation: an item whose put returned 0 is never got
 */
#include <stdlib.h>

#include "../../../../primitives/posix.h"
#include "../../../../primitives/queue.h"
#include "../canary.h"

struct getter {
	struct getter *next;
	pthread_cond_t called;
	void *item;
	bool served; /* has left the line, with an item */
};

/* All under the mutex; nobody is in line while there are items. */
struct queue {
	pthread_mutex_t mutex;
	pthread_cond_t can_put;
	struct getter *line;
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
			     .can_put = PTHREAD_COND_INITIALIZER,
			     .slots = capacity ? capacity : LARGE,
			     .bounded = capacity != 0 };
	q->ring = malloc(q->slots * sizeof(q->ring[0]));
	return q->ring ? SYNC_OK : SYNC_NO_MEMORY;
}

static void destroy(void *queue)
{
	struct queue *q = queue;

	pthread_cond_destroy(&q->can_put);
	pthread_mutex_destroy(&q->mutex);
	free(q->ring);
}

static void hand_over(struct queue *q, void *item)
{
	struct getter *g = q->line;

	q->line = g->next;
	g->item = item;
	g->served = true;
	pthread_cond_signal(&g->called);
	/* there is room for another one still */
	pthread_cond_signal(&q->can_put);
}

static int put_now(struct queue *q, void *item)
{
	if (q->closed)
		return SYNC_CLOSED;
	if (q->length == q->slots)
		return q->bounded ? SYNC_BUSY : SYNC_NO_MEMORY;
	if (q->line)
		hand_over(q, item);
	else
		q->ring[(q->first + q->length++) % q->slots] = item;
	return SYNC_OK;
}

static int put_until(struct queue *q, void *item, uint64_t deadline)
{
	bool late = deadline == 0;
	int r;

	pthread_mutex_lock(&q->mutex);
	while ((r = put_now(q, item)) == SYNC_BUSY && !late)
		late = posix_cond_timedwait(&q->can_put, &q->mutex, deadline);
	pthread_mutex_unlock(&q->mutex);
	return r;
}

static int get_now(struct queue *q, void **item)
{
	if (q->length == 0)
		return q->closed ? SYNC_CLOSED : SYNC_BUSY;
	*item = q->ring[q->first];
	q->first = (q->first + 1) % q->slots;
	q->length--;
	pthread_cond_signal(&q->can_put);
	return SYNC_OK;
}

static void leave(struct queue *q, const struct getter *g)
{
	struct getter **link = &q->line;

	while (*link && *link != g)
		link = &(*link)->next;
	if (*link)
		*link = g->next;
}

/* 0, SYNC_TIMEOUT, SYNC_CLOSED. */
static int stand_in_line(struct queue *q, void **item, uint64_t deadline)
{
	struct getter g = { 0 }, **end;
	int r = SYNC_OK;

	pthread_cond_init(&g.called, NULL);
	for (end = &q->line; *end; end = &(*end)->next)
		;
	*end = &g;
	while (!g.served && !q->closed && !r)
		r = posix_cond_timedwait(&g.called, &q->mutex, deadline);
#if BROKEN
	if (g.served && !r) {
#else
	if (g.served) {
#endif
		*item = g.item;
		r = SYNC_OK;
	} else if (q->closed) {
		r = SYNC_CLOSED;
	}
	leave(q, &g);
	pthread_cond_destroy(&g.called);
	return r;
}

static int get_until(struct queue *q, void **item, uint64_t deadline)
{
	int r;

	pthread_mutex_lock(&q->mutex);
	r = get_now(q, item);
	if (r == SYNC_BUSY && deadline)
		r = stand_in_line(q, item, deadline);
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
	pthread_cond_broadcast(&q->can_put);
	for (struct getter *g = q->line; g; g = g->next)
		pthread_cond_signal(&g->called);
	pthread_mutex_unlock(&q->mutex);
}

REGISTER_QUEUE(
	.id = {
		.name = CANARY_NAME,
		.family = PTHREAD,
		.brief = CANARY_BRIEF("an item handed to one who is late"),
		.source = "agronholm/anyio PR 147",
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
