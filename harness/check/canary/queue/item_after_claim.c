/* SPDX-License-Identifier: MIT */
/*
 * Michael and Scott's queue that reads the item once the head is its own. The
 * node with the item is the dummy by then: the next getter may free it, and a
 * putter use it again. What is read is that one's item, which is got twice.
 *
 * Nodes come from a pool and are numbered; a pointer is a number and a count of
 * its changes, against ABA. The counts of head and tail are those of the gets
 * and the puts. A number that is none, after the last node, closes the queue,
 * as in LCRQ. Unbounded the pool is just large.
 *
 * Bug:       queue-item-after-claim
 * Source:    M. Michael and M. Scott, "Simple, Fast, and Practical Non-Blocking
 *            and Blocking Concurrent Queue Algorithms" (PODC 1996), the comment
 *            on line D11: read the value before CAS, otherwise another dequeue
 *            might free the next node (recalled)
 * Scenario:  a getter stops after its claim; two gets, a put
 * Violation: an item is got twice, another one never
 * Caught by: preempt
 * Explored by: try_put_has_room (assertion)
 */
#include <stdlib.h>

#include "../../../../primitives/queue.h"
#include "../canary.h"

typedef uint64_t pointer; /* count << 32 | number */

enum { NONE = 0, END = 1, FIRST = 2 };
enum { CAPACITY_MAX = 1 << 30 };

struct node {
	_Atomic pointer next;
	_Atomic(void *) item;
};

struct queue {
	_Atomic pointer head, tail, unused;
	_Atomic uint32_t fresh; /* this one and those after it are unused too */
	struct node *nodes;	/* by number */
	size_t capacity;
	bool bounded;
};

static pointer look(const _Atomic pointer *l)
{
	return atomic_load_explicit(l, memory_order_seq_cst);
}

static uint32_t number(pointer l)
{
	return (uint32_t)l;
}

static uint32_t count(pointer l)
{
	return (uint32_t)(l >> 32);
}

static pointer pointer_to(uint32_t number, pointer old)
{
	return ((old >> 32) + 1) << 32 | number;
}

static bool change(_Atomic pointer *l, pointer old, uint32_t to)
{
	return atomic_compare_exchange_strong_explicit(l, &old,
						       pointer_to(to, old),
						       memory_order_seq_cst,
						       memory_order_seq_cst);
}

/* ---- the pool: R. K. Treiber's stack ---- */

static void give_back(struct queue *q, uint32_t n)
{
	_Atomic pointer *next = &q->nodes[n].next;
	pointer top, old = look(next);

	do {
		top = look(&q->unused);
		atomic_store_explicit(next, pointer_to(number(top), old),
				      memory_order_seq_cst);
	} while (!change(&q->unused, top, n));
}

static uint32_t fresh_node(struct queue *q)
{
	uint32_t n = atomic_load_explicit(&q->fresh, memory_order_relaxed);

	do {
		if (n > FIRST + q->capacity)
			return NONE;
	} while (!atomic_compare_exchange_weak_explicit(&q->fresh, &n, n + 1,
							memory_order_relaxed,
							memory_order_relaxed));
	return n;
}

/* NONE if there is none. */
static uint32_t take_node(struct queue *q)
{
	pointer top, next;

	do {
		top = look(&q->unused);
		if (number(top) == NONE)
			return fresh_node(q);
		next = look(&q->nodes[number(top)].next);
	} while (!change(&q->unused, top, number(next)));
	return number(top);
}

/* ---- the queue ---- */

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
	q->nodes = calloc(FIRST + q->capacity + 1, sizeof(q->nodes[0]));
	if (!q->nodes)
		return SYNC_NO_MEMORY;
	atomic_store_explicit(&q->fresh, FIRST + 1, memory_order_relaxed);
	atomic_store_explicit(&q->head, FIRST, memory_order_seq_cst);
	atomic_store_explicit(&q->tail, FIRST, memory_order_seq_cst);
	return SYNC_OK;
}

static void destroy(void *queue)
{
	struct queue *q = queue;

	free(q->nodes);
}

/* A pool that is empty may be so for a moment: a getter has a node in hand. */
static bool is_full(struct queue *q)
{
	pointer tail = look(&q->tail);
	uint32_t used = count(tail) - count(look(&q->head));

	return used >= q->capacity && look(&q->tail) == tail;
}

/* SYNC_BUSY: somebody was quicker. */
static int append(struct queue *q, uint32_t n)
{
	pointer tail = look(&q->tail);
	_Atomic pointer *end = &q->nodes[number(tail)].next;
	pointer next = look(end);

	if (look(&q->tail) != tail)
		return SYNC_BUSY;
	if (number(next) == END)
		return SYNC_CLOSED;
	if (number(next) != NONE) {
		change(&q->tail, tail, number(next));
		return SYNC_BUSY;
	}
	if (!change(end, next, n))
		return SYNC_BUSY;
	if (n != END)
		change(&q->tail, tail, n);
	return SYNC_OK;
}

static bool is_closed(struct queue *q)
{
	pointer tail = look(&q->tail);

	return number(look(&q->nodes[number(tail)].next)) == END &&
	       look(&q->tail) == tail;
}

static int tryput(void *queue, void *item)
{
	struct queue *q = queue;
	uint32_t n;
	int r;

	while ((n = take_node(q)) == NONE) {
		if (is_closed(q))
			return SYNC_CLOSED;
		if (is_full(q))
			return q->bounded ? SYNC_BUSY : SYNC_NO_MEMORY;
		yield_core();
	}
	atomic_store_explicit(&q->nodes[n].item, item, memory_order_relaxed);
	atomic_store_explicit(&q->nodes[n].next,
			      pointer_to(NONE, look(&q->nodes[n].next)),
			      memory_order_seq_cst);
	while ((r = append(q, n)) == SYNC_BUSY)
		;
	if (r != SYNC_OK)
		give_back(q, n);
	return r;
}

static void *item_of(struct queue *q, uint32_t n)
{
	return atomic_load_explicit(&q->nodes[n].item, memory_order_relaxed);
}

static int tryget(void *queue, void **item)
{
	struct queue *q = queue;

	for (;;) {
		pointer head = look(&q->head), tail = look(&q->tail);
		pointer next = look(&q->nodes[number(head)].next);
		uint32_t n = number(next);
		void *found;

		if (look(&q->head) != head)
			continue;
		if (n < FIRST)
			return n == END ? SYNC_CLOSED : SYNC_BUSY;
		if (number(head) == number(tail)) {
			change(&q->tail, tail, n);
			continue;
		}
#if BROKEN
		if (!change(&q->head, head, n))
			continue;
		found = item_of(q, n);
#else
		found = item_of(q, n);
		if (!change(&q->head, head, n))
			continue;
#endif
		*item = found;
		give_back(q, number(head));
		return SYNC_OK;
	}
}

#include "_tried.h"

static size_t length(void *queue)
{
	struct queue *q = queue;
	pointer head, tail;

	do {
		tail = look(&q->tail);
		head = look(&q->head);
	} while (look(&q->tail) != tail);
	return count(tail) - count(head);
}

static void close_queue(void *queue)
{
	while (append(queue, END) == SYNC_BUSY)
		;
}

REGISTER_QUEUE(
	.id = {
		.name = CANARY_NAME,
		.family = SPIN,
		.brief = CANARY_BRIEF("reads the item of a node that is free"),
		.source = "Michael and Scott, PODC 1996",
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
