/* SPDX-License-Identifier: MIT */
/*
 * The queue of the futex and the spin family: a ring if bounded (_ring.h), a
 * list of segments if not (_segments.h), and gates at which those wait who
 * cannot go on. The families differ in the gate alone. Before including this a
 * file defines
 *
 *	struct gate                      all-zero is valid
 *	gate_await(g, look, arg, deadline)
 *		SYNC_TIMEOUT, or what look(arg) said when it was not SYNC_BUSY
 *	gate_waiting(g)                  false only if nobody waits
 *	gate_notify(g)                   one who waits looks again
 *	gate_notify_all(g)               all who wait look again
 *
 * Tasks are not counted by put: the tail of ring or segments is the number of
 * puts, moved by the very claim that makes the item visible, so that no
 * task_done can come before its put is counted. done counts the task_done.
 *
 * Edges  [T] acq_rel of done pairs with acquire in join: what came before each
 *            task_done; seq_cst, since it is followed by a look for joiners
 *            and preceded, in join, by the announcement of one
 */
#ifndef QUEUE_QUEUE_H
#define QUEUE_QUEUE_H

#include "_ring.h"
#include "_segments.h"

/* The object is aligned to a line, so each gate has one of its own. */
struct queue {
	union {
		struct ring ring;
		struct segments segments;
	};
	bool bounded;
	/* read at each operation, written only when somebody waits */
	_Alignas(CACHE_LINE) struct gate getters;
	_Alignas(CACHE_LINE) struct gate putters;
	_Alignas(CACHE_LINE) struct gate joiners;
	_Atomic uint64_t done;
};

static int init(void *queue, size_t capacity)
{
	struct queue *q = queue;

	*q = (struct queue){ .bounded = capacity != 0 };
	return q->bounded ? ring_init(&q->ring, capacity)
			  : segments_init(&q->segments);
}

static void destroy(void *queue)
{
	struct queue *q = queue;

	if (q->bounded)
		ring_destroy(&q->ring);
	else
		segments_destroy(&q->segments);
}

static ALWAYS_INLINE int offer(struct queue *q, void *item)
{
	return q->bounded ? ring_put(&q->ring, item)
			  : segments_put(&q->segments, item);
}

static ALWAYS_INLINE int accept_item(struct queue *q, void **item)
{
	return q->bounded ? ring_get(&q->ring, item)
			  : segments_get(&q->segments, item);
}

static size_t length(void *queue)
{
	struct queue *q = queue;

	return q->bounded ? ring_length(&q->ring)
			  : segments_length(&q->segments);
}

/* Arguments of an operation on its way through a gate. */
struct errand {
	struct queue *q;
	void *item;
	void **place;
};

static int look_for_room(void *errand)
{
	struct errand *e = errand;

	return offer(e->q, e->item);
}

static int look_for_item(void *errand)
{
	struct errand *e = errand;

	return accept_item(e->q, e->place);
}

/*
 * Whoever has waited passes the word on if there is more for another one: it
 * may have stood for several notifications (see the gate).
 */
static COLD int put_slow(struct queue *q, void *item, uint64_t deadline)
{
	struct errand e = { .q = q, .item = item };
	int r = gate_await(&q->putters, look_for_room, &e, deadline);

	if (r == SYNC_OK) {
		gate_notify(&q->getters);
		/* bounded, or it would not have had to wait */
		if (gate_waiting(&q->putters) && length(q) < q->ring.capacity)
			gate_notify(&q->putters);
	}
	return r;
}

static COLD int get_slow(struct queue *q, void **item, uint64_t deadline)
{
	struct errand e = { .q = q, .place = item };
	int r = gate_await(&q->getters, look_for_item, &e, deadline);

	if (r == SYNC_OK) {
		gate_notify(&q->putters);
		if (gate_waiting(&q->getters) && length(q))
			gate_notify(&q->getters);
	}
	return r;
}

static inline int tryput(void *queue, void *item)
{
	struct queue *q = queue;
	int r = offer(q, item);

	if (likely(r == SYNC_OK))
		gate_notify(&q->getters);
	return r;
}

static inline int timedput(void *queue, void *item, uint64_t deadline)
{
	int r = tryput(queue, item);

	return likely(r != SYNC_BUSY) ? r : put_slow(queue, item, deadline);
}

static inline int put(void *queue, void *item)
{
	return timedput(queue, item, DEADLINE_NEVER);
}

static inline int tryget(void *queue, void **item)
{
	struct queue *q = queue;
	int r = accept_item(q, item);

	if (likely(r == SYNC_OK))
		gate_notify(&q->putters);
	return r;
}

static inline int timedget(void *queue, void **item, uint64_t deadline)
{
	int r = tryget(queue, item);

	return likely(r != SYNC_BUSY) ? r : get_slow(queue, item, deadline);
}

static inline int get(void *queue, void **item)
{
	return timedget(queue, item, DEADLINE_NEVER);
}

static void close_queue(void *queue)
{
	struct queue *q = queue;

	if (q->bounded)
		ring_close(&q->ring);
	else
		segments_close(&q->segments);
	gate_notify_all(&q->getters);
	gate_notify_all(&q->putters);
}

static uint64_t puts_so_far(struct queue *q)
{
	return q->bounded ? ring_puts(&q->ring) : segments_puts(&q->segments);
}

static int task_done(void *queue)
{
	struct queue *q = queue;
	uint64_t done = atomic_load_explicit(&q->done, memory_order_relaxed);

	do {
		if (done >= puts_so_far(q))
			return SYNC_INVALID;
		/* [T] */
	} while (!atomic_compare_exchange_weak_explicit(
		&q->done, &done, done + 1, memory_order_seq_cst,
		memory_order_relaxed));
	/* with a later put under way its own task_done wakes the joiners */
	if (done + 1 == puts_so_far(q))
		gate_notify_all(&q->joiners);
	return SYNC_OK;
}

static int look_for_all_done(void *queue)
{
	struct queue *q = queue;
	/* [T]; done first: it never exceeds puts, so equal means equal now */
	uint64_t done = atomic_load_explicit(&q->done, memory_order_seq_cst);

	return done == puts_so_far(q) ? SYNC_OK : SYNC_BUSY;
}

static int join(void *queue, uint64_t deadline)
{
	struct queue *q = queue;
	int r = look_for_all_done(q);

	return r != SYNC_BUSY ? r
			      : gate_await(&q->joiners, look_for_all_done, q,
					   deadline);
}

#endif
