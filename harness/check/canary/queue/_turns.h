/* SPDX-License-Identifier: MIT */
/*
 * A lock-free ring whose slots say whose turn it is: what the broken rings have
 * in common. Who must wait looks again, and yields.
 *
 * Source: D. Vyukov, "Bounded MPMC queue" (1024cores.net); turns that count
 *         laps, as in E. Rigtorp's MPMCQueue, so that one slot is enough; the
 *         mark in the tail that closes it, as in crossbeam-channel.
 *
 * A position is where the next one puts or gets: twice how many have, plus
 * CLOSED in the tail. A slot's turn is twice its lap while it is free, one more
 * while it is full. Unbounded it is just large.
 *
 * Edges  [A] an item is published by the turn of its slot, and so is the slot
 *        [B] who sees a head sees the puts that its getters had seen
 *        [C] what happens before close happens before the answer SYNC_CLOSED
 *
 * A canary may define CLOSED_ORDER, LOOKS_FULL and CLOSED_FIRST first: how it
 * learns that the queue is closed, or full.
 */
#ifndef CANARY_QUEUE_TURNS_H
#define CANARY_QUEUE_TURNS_H

#include <stdlib.h>

#include "../../../../primitives/queue.h"
#include "../canary.h"

#ifndef CLOSED_ORDER
#define CLOSED_ORDER memory_order_acquire /* [C] */
#endif

typedef uint64_t position;

enum { CLOSED = 1, STEP = 2, CAPACITY_MAX = 1 << 30 };

struct slot {
	_Atomic position turn;
	void *item;
};

struct queue {
	_Atomic position head, tail;
	struct slot *slots;
	position capacity;
	bool bounded;
};

/* An explorer clears it again in each execution. */
static size_t large(void)
{
#if INSTRUMENTED
	if (explore_relax)
		return 1 << 8;
#endif
	return 1 << 19;
}

static int init(void *queue, size_t capacity)
{
	struct queue *q = queue;

	if (capacity > CAPACITY_MAX)
		return SYNC_INVALID;
	*q = (struct queue){ .capacity = capacity ? capacity : large(),
			     .bounded = capacity != 0 };
	q->slots = calloc(q->capacity, sizeof(q->slots[0]));
	return q->slots ? SYNC_OK : SYNC_NO_MEMORY;
}

static void destroy(void *queue)
{
	struct queue *q = queue;

	free(q->slots);
}

static position look(const _Atomic position *word)
{
	return atomic_load_explicit(word, memory_order_acquire);
}

static bool move(_Atomic position *word, position from)
{
	/* [B] */
	return atomic_compare_exchange_strong_explicit(word, &from, from + STEP,
						       memory_order_acq_rel,
						       memory_order_relaxed);
}

static struct slot *slot_at(struct queue *q, position p)
{
	return &q->slots[p / STEP % q->capacity];
}

static position lap_of(const struct queue *q, position p)
{
	return 2 * (p / STEP / q->capacity);
}

/* Those who have claimed a slot count, done with it or not. */
static inline bool is_full(struct queue *q)
{
	position tail = look(&q->tail), used = tail - look(&q->head); /* [B] */

	return used / STEP >= q->capacity && look(&q->tail) == tail;
}

static int tryput(void *queue, void *item)
{
	struct queue *q = queue;

	for (;; yield_core()) {
		position tail = atomic_load_explicit(&q->tail, CLOSED_ORDER);
		struct slot *s = slot_at(q, tail);
		position lap = lap_of(q, tail);

		if (tail & CLOSED)
			return SYNC_CLOSED;
		if (look(&s->turn) == lap && move(&q->tail, tail)) { /* [A] */
			s->item = item;
			atomic_store_explicit(&s->turn, lap + 1,
					      memory_order_release);
			return SYNC_OK;
		}
#ifdef LOOKS_FULL
		if (LOOKS_FULL(q, s, tail))
#else
		if (is_full(q))
#endif
			return q->bounded ? SYNC_BUSY : SYNC_NO_MEMORY;
	}
}

static int tryget(void *queue, void **item)
{
	struct queue *q = queue;

	for (;; yield_core()) {
		position head = look(&q->head), tail; /* [B] */
		struct slot *s = slot_at(q, head);
		position full = lap_of(q, head) + 1;

		if (look(&s->turn) == full) { /* [A] */
			if (!move(&q->head, head))
				continue;
			*item = s->item;
			atomic_store_explicit(&s->turn, full + 1,
					      memory_order_release);
			return SYNC_OK;
		}
		tail = atomic_load_explicit(&q->tail, CLOSED_ORDER);
#ifdef CLOSED_FIRST
		if (tail & CLOSED)
			return SYNC_CLOSED;
#endif
		if (tail == head)
			return SYNC_BUSY;
		if (tail == (head | CLOSED))
			return SYNC_CLOSED;
	}
}

#include "_tried.h"

static void close_queue(void *queue)
{
	struct queue *q = queue;

	/* [C] */
	atomic_fetch_or_explicit(&q->tail, CLOSED, memory_order_acq_rel);
}

/* Both at one moment: the tail had not moved when the head was read. */
static size_t length(void *queue)
{
	struct queue *q = queue;
	position head, tail;

	do {
		tail = look(&q->tail);
		head = look(&q->head);
	} while (tail != look(&q->tail));
	return (tail - head) / STEP;
}

#define REGISTER_TURNS(brief_, source_)                                        \
	REGISTER_QUEUE(                                                        \
		.id = {                                                        \
			.name = CANARY_NAME,                                   \
			.family = SPIN,                                        \
			.brief = CANARY_BRIEF(brief_),                         \
			.source = source_,                                     \
			.unsupported = "a ring counts no tasks",               \
			.flags = IMPL_NEEDS_INIT,                              \
			.size = sizeof(struct queue),                          \
		},                                                             \
		.init = init, .destroy = destroy, .put = put,                  \
		.tryput = tryput, .timedput = timedput, .get = get,            \
		.tryget = tryget, .timedget = timedget, .length = length,     \
		.close = close_queue)

#endif
