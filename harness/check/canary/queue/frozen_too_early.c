/* SPDX-License-Identifier: MIT */
/*
 * A list of segments, each a ring; one that is full is frozen: a flag says so,
 * and its tail moves out of reach of putters. The flag is set first. A getter
 * that sees it takes the tail for the moved one, and all that is in the segment
 * for nothing.
 *
 * Segments are kept until destroy. A bounded queue has one operation at a time.
 *
 * Bug:       queue-frozen-too-early
 * Source:    dotnet/runtime issue 132736 (2026), ConcurrentQueue.TryDequeue
 *            spuriously reports empty; also questdb PR 7557
 * Scenario:  a putter stops between claim and store; another one fills the
 *            segment and stops between flag and tail; tryget
 * Violation: empty, though it never was
 * Caught by: explore
 * Explored by: try_get_finds (assertion)
 */
#include <stdlib.h>

#include "../../../../primitives/queue.h"
#include "../canary.h"
#include "../small_lock.h"

enum { SLOTS = 2, OUT_OF_REACH = 2 * SLOTS, CAPACITY_MAX = 1 << 30 };
enum { CLOSED = 1, STEP = 2 };

/* D. Vyukov's ring: a slot's turn is the position that it is free for, one more
 * while it is full. */
struct segment {
	_Atomic uint32_t head, tail;
	_Atomic bool frozen;
	_Atomic(struct segment *) next;
	struct slot {
		_Atomic uint32_t turn;
		void *item;
	} slots[SLOTS];
};

struct queue {
	_Atomic(struct segment *) head, tail;
	struct segment *first;
	struct small_lock growth, bound;
	size_t capacity;
	_Atomic uint64_t puts, gets; /* in steps; CLOSED in the puts */
};

static struct segment *new_segment(void)
{
	struct segment *s = calloc(1, sizeof(*s));

	for (uint32_t i = 0; s && i < SLOTS; i++)
		atomic_store_explicit(&s->slots[i].turn, i,
				      memory_order_relaxed);
	return s;
}

static int init(void *queue, size_t capacity)
{
	struct queue *q = queue;

	if (capacity > CAPACITY_MAX)
		return SYNC_INVALID;
	*q = (struct queue){ .first = new_segment(), .capacity = capacity };
	atomic_store_explicit(&q->head, q->first, memory_order_relaxed);
	atomic_store_explicit(&q->tail, q->first, memory_order_relaxed);
	return q->first ? SYNC_OK : SYNC_NO_MEMORY;
}

static void destroy(void *queue)
{
	struct queue *q = queue;

	for (struct segment *s = q->first, *next; s; s = next) {
		next = atomic_load_explicit(&s->next, memory_order_relaxed);
		free(s);
	}
}

static uint32_t look(const _Atomic uint32_t *word)
{
	return atomic_load_explicit(word, memory_order_seq_cst);
}

static bool claim(_Atomic uint32_t *word, uint32_t old)
{
	return atomic_compare_exchange_strong_explicit(word, &old, old + 1,
						       memory_order_seq_cst,
						       memory_order_relaxed);
}

/* false if it is full, or frozen. */
static bool append(struct segment *s, void *item)
{
	for (;; yield_core()) {
		uint32_t tail = look(&s->tail);
		struct slot *slot = &s->slots[tail % SLOTS];
		int32_t ahead = (int32_t)(look(&slot->turn) - tail);

		if (ahead < 0)
			return false;
		if (ahead == 0 && claim(&s->tail, tail)) {
			slot->item = item;
			atomic_store_explicit(&slot->turn, tail + 1,
					      memory_order_release);
			return true;
		}
	}
}

static bool is_empty(struct segment *s, uint32_t head)
{
	bool frozen = atomic_load_explicit(&s->frozen, memory_order_seq_cst);
	int32_t items = (int32_t)(look(&s->tail) - head);

	return items <= 0 || (frozen && items - OUT_OF_REACH <= 0);
}

/* false if it is empty. */
static bool take(struct segment *s, void **item)
{
	for (;; yield_core()) {
		uint32_t head = look(&s->head);
		struct slot *slot = &s->slots[head % SLOTS];
		int32_t ahead = (int32_t)(look(&slot->turn) - (head + 1));

		if (ahead < 0 && is_empty(s, head))
			return false;
		if (ahead == 0 && claim(&s->head, head)) {
			*item = slot->item;
			atomic_store_explicit(&slot->turn, head + SLOTS,
					      memory_order_release);
			return true;
		}
	}
}

static void freeze(struct segment *s)
{
#if BROKEN
	atomic_store_explicit(&s->frozen, true, memory_order_seq_cst);
	atomic_fetch_add_explicit(&s->tail, OUT_OF_REACH, memory_order_seq_cst);
#else
	atomic_fetch_add_explicit(&s->tail, OUT_OF_REACH, memory_order_seq_cst);
	atomic_store_explicit(&s->frozen, true, memory_order_seq_cst);
#endif
}

/* Another segment after full, unless there is one. */
static bool grow(struct queue *q, struct segment *full)
{
	struct segment *next = NULL;

	small_lock(&q->growth);
	if (atomic_load_explicit(&q->tail, memory_order_relaxed) != full) {
		small_unlock(&q->growth);
		return true;
	}
	next = new_segment();
	if (next) {
		freeze(full);
		atomic_store_explicit(&full->next, next, memory_order_seq_cst);
		atomic_store_explicit(&q->tail, next, memory_order_seq_cst);
	}
	small_unlock(&q->growth);
	return next;
}

/* ---- bounded, closed ---- */

static void enter(struct queue *q)
{
	if (q->capacity)
		small_lock(&q->bound);
}

static int leave(struct queue *q, int result)
{
	if (q->capacity)
		small_unlock(&q->bound);
	return result;
}

static uint64_t steps(const _Atomic uint64_t *word)
{
	return atomic_load_explicit(word, memory_order_seq_cst);
}

static size_t length(void *queue)
{
	struct queue *q = queue;
	uint64_t puts, gets;

	do {
		puts = steps(&q->puts);
		gets = steps(&q->gets);
	} while (puts != steps(&q->puts));
	return (puts - gets) / STEP;
}

/* 0, SYNC_CLOSED, SYNC_BUSY: one more put, before anybody can get it. */
static int count_put(struct queue *q)
{
	uint64_t puts = steps(&q->puts);

	do {
		if (puts & CLOSED)
			return SYNC_CLOSED;
		if (q->capacity && length(q) == q->capacity)
			return SYNC_BUSY;
	} while (!atomic_compare_exchange_weak_explicit(
		&q->puts, &puts, puts + STEP, memory_order_seq_cst,
		memory_order_seq_cst));
	return SYNC_OK;
}

static int tryput(void *queue, void *item)
{
	struct queue *q = queue;
	struct segment *s;
	int r;

	enter(q);
	r = count_put(q);
	while (r == SYNC_OK) {
		s = atomic_load_explicit(&q->tail, memory_order_seq_cst);
		if (append(s, item))
			break;
		if (!grow(q, s)) {
			atomic_fetch_sub_explicit(&q->puts, STEP,
						  memory_order_seq_cst);
			r = SYNC_NO_MEMORY;
		}
	}
	return leave(q, r);
}

static bool take_any(struct queue *q, void **item)
{
	for (;;) {
		struct segment *s = atomic_load_explicit(&q->head,
							 memory_order_seq_cst),
			       *next;

		if (take(s, item))
			return true;
		next = atomic_load_explicit(&s->next, memory_order_seq_cst);
		if (!next)
			return false;
		/* it may have been filled and frozen since */
		if (take(s, item))
			return true;
		atomic_compare_exchange_strong_explicit(&q->head, &s, next,
							memory_order_seq_cst,
							memory_order_seq_cst);
	}
}

static int tryget(void *queue, void **item)
{
	struct queue *q = queue;
	uint64_t puts;

	enter(q);
	do {
		if (take_any(q, item)) {
			atomic_fetch_add_explicit(&q->gets, STEP,
						  memory_order_seq_cst);
			return leave(q, SYNC_OK);
		}
		puts = steps(&q->puts);
		if (!(puts & CLOSED))
			return leave(q, SYNC_BUSY);
	} while (puts != (steps(&q->gets) | CLOSED));
	return leave(q, SYNC_CLOSED);
}

#include "_tried.h"

static void close_queue(void *queue)
{
	struct queue *q = queue;

	atomic_fetch_or_explicit(&q->puts, CLOSED, memory_order_seq_cst);
}

REGISTER_QUEUE(
	.id = {
		.name = CANARY_NAME,
		.family = SPIN,
		.brief = CANARY_BRIEF("frozen before the tail has moved"),
		.source = "dotnet/runtime issue 132736",
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
