/* SPDX-License-Identifier: MIT */
/*
 * One mutex, three condition variables and a ring; the ring of an unbounded
 * queue doubles when it is full.
 *
 * Source: C. A. R. Hoare, "Monitors" (CACM 1974), section 4, the bounded
 * buffer; the shape is that of Python's queue.Queue.
 *
 * State  All of it is guarded by the mutex. ring[(first + i) & (slots - 1)] for
 *        i < length are the items; slots is a power of two and at least the
 *        capacity. getters, putters and joiners count who waits; each may be
 *        too high (a waiter has been signalled and has not run yet), never too
 *        low: a signal may be superfluous, none is missing.
 *
 * Each put signals one getter and each get one putter whenever any waits, not
 * only when the queue leaves empty or full: two quick puts wake two.
 *
 * Progress: barging, parks at once; whoever arrives may take an item before a
 * getter that was signalled. Costs: a lock and an unlock, a system call where
 * somebody sleeps. Loses to the others wherever a wake-up costs more than a
 * put: small queues, several producers.
 */
#include <stdlib.h>

#include "../posix.h"
#include "../queue.h"

struct queue {
	pthread_mutex_t mutex;
	pthread_cond_t can_put, can_get, all_done;
	void **ring;
	size_t capacity; /* 0: unbounded */
	size_t slots, first, length;
	uint64_t unfinished;
	unsigned putters, getters, joiners;
	bool closed;
};

enum { FIRST_SLOTS = 64, CAPACITY_MAX = 1 << 30 };

static int init(void *queue, size_t capacity)
{
	struct queue *q = queue;
	size_t slots = capacity ? 1 : FIRST_SLOTS;

	if (capacity > CAPACITY_MAX)
		return SYNC_INVALID;
	while (slots < capacity)
		slots *= 2;
	*q = (struct queue){ .capacity = capacity, .slots = slots };
	q->ring = malloc(slots * sizeof(q->ring[0]));
	if (!q->ring)
		return SYNC_NO_MEMORY;
	pthread_mutex_init(&q->mutex, NULL);
	pthread_cond_init(&q->can_put, NULL);
	pthread_cond_init(&q->can_get, NULL);
	pthread_cond_init(&q->all_done, NULL);
	return SYNC_OK;
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

/* Twice the slots; the part that has wrapped round moves behind the rest. */
static COLD bool grow(struct queue *q)
{
	size_t slots = 2 * q->slots;
	void **ring;

	if (slots > SIZE_MAX / sizeof(ring[0]))
		return false;
	ring = realloc(q->ring, slots * sizeof(ring[0]));
	if (!ring)
		return false;
	for (size_t i = 0; i < q->first; i++)
		ring[q->slots + i] = ring[i];
	q->ring = ring;
	q->slots = slots;
	return true;
}

/* Wait once, counted; true when the deadline has passed. */
static bool wait_for(struct queue *q, pthread_cond_t *c, unsigned *waiting,
		     uint64_t deadline)
{
	int r;

	++*waiting;
	r = posix_cond_timedwait(c, &q->mutex, deadline);
	--*waiting;
	return r == ETIMEDOUT;
}

static bool full(const struct queue *q)
{
	return q->capacity && q->length == q->capacity;
}

/* With the mutex held; the caller has found room. */
static int append(struct queue *q, void *item)
{
	if (q->closed)
		return SYNC_CLOSED;
	if (q->length == q->slots && !grow(q))
		return SYNC_NO_MEMORY;
	q->ring[(q->first + q->length++) & (q->slots - 1)] = item;
	q->unfinished++;
	return SYNC_OK;
}

static int timedput(void *queue, void *item, uint64_t deadline)
{
	struct queue *q = queue;
	bool late = deadline == 0, wake;
	int r;

	pthread_mutex_lock(&q->mutex);
	while (full(q) && !q->closed && !late)
		late = wait_for(q, &q->can_put, &q->putters, deadline);
	r = full(q) && !q->closed ? SYNC_TIMEOUT : append(q, item);
	wake = r == SYNC_OK && q->getters;
	pthread_mutex_unlock(&q->mutex);
	/* after the unlock, or the getter runs into the mutex */
	if (wake)
		pthread_cond_signal(&q->can_get);
	return r;
}

static int put(void *queue, void *item)
{
	return timedput(queue, item, DEADLINE_NEVER);
}

static int tryput(void *queue, void *item)
{
	int r = timedput(queue, item, 0);

	return r == SYNC_TIMEOUT ? SYNC_BUSY : r;
}

static int timedget(void *queue, void **item, uint64_t deadline)
{
	struct queue *q = queue;
	bool late = deadline == 0, wake = false;
	int r = SYNC_OK;

	pthread_mutex_lock(&q->mutex);
	while (!q->length && !q->closed && !late)
		late = wait_for(q, &q->can_get, &q->getters, deadline);
	if (q->length) {
		*item = q->ring[q->first];
		q->first = (q->first + 1) & (q->slots - 1);
		q->length--;
		wake = q->putters;
	} else {
		r = q->closed ? SYNC_CLOSED : SYNC_TIMEOUT;
	}
	pthread_mutex_unlock(&q->mutex);
	if (wake)
		pthread_cond_signal(&q->can_put);
	return r;
}

static int get(void *queue, void **item)
{
	return timedget(queue, item, DEADLINE_NEVER);
}

static int tryget(void *queue, void **item)
{
	int r = timedget(queue, item, 0);

	return r == SYNC_TIMEOUT ? SYNC_BUSY : r;
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

static int task_done(void *queue)
{
	struct queue *q = queue;
	int r = SYNC_INVALID;

	pthread_mutex_lock(&q->mutex);
	if (q->unfinished) {
		r = SYNC_OK;
		/* before the unlock, after which a joiner may go on */
		if (!--q->unfinished && q->joiners)
			pthread_cond_broadcast(&q->all_done);
	}
	pthread_mutex_unlock(&q->mutex);
	return r;
}

static int join(void *queue, uint64_t deadline)
{
	struct queue *q = queue;
	bool late = deadline == 0;
	int r;

	pthread_mutex_lock(&q->mutex);
	while (q->unfinished && !late)
		late = wait_for(q, &q->all_done, &q->joiners, deadline);
	r = q->unfinished ? SYNC_TIMEOUT : SYNC_OK;
	pthread_mutex_unlock(&q->mutex);
	return r;
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

REGISTER_QUEUE(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "a ring under a mutex, three condition variables",
		.source = "Hoare, Monitors, CACM 1974; queue.Queue",
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
	.task_done = task_done,
	.join = join,
	.close = close_queue);
