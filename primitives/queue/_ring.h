/* SPDX-License-Identifier: MIT */
/*
 * A bounded ring for many producers and consumers: a claim by compare-exchange
 * on a counter, then the cell's own turn says when it may be used.
 *
 * Source: D. Vyukov, "Bounded MPMC queue" (1024cores.net, 2010); the turns are
 * counted per lap so that any capacity from 1 on is exact, and the tail holds
 * the closed bit, as in the array channel of Rust's crossbeam. All code here is
 * our own.
 *
 * tail   lap, closed bit, index (from the high bits down): the next cell to put
 *        into. Once closed is set no claim succeeds and tail is frozen.
 * head   the same without the closed bit: the next cell to get from.
 * turn   of a cell: 2 * lap      free for the putter of that lap
 *                   2 * lap + 1  holds the item of that lap
 *        It lags behind the claim while a putter or getter is at work.
 * The lap has at least 32 bits where a lap is 2^30 items and 63 where it is
 * one: over 2^61 items either way, a century at 700 M/s. Nothing wraps.
 *
 * Edges  [A] acquire of turn by a claimer pairs with [B], [C]
 *        [B] release of turn in put: the getter sees the item, and all that
 *            happened before the put
 *        [C] release of turn in get: the next putter overwrites the item only
 *            after it was read
 *        [D] the claims, and the looks at the other end, are seq_cst: a waiter
 *            announces itself and then looks; a claimer claims and then looks
 *            for waiters. Neither load may pass the store before it. Length is
 *            such a look, too: of one who was woken, and wakes the next one if
 *            there is more, which a claimer that saw it awake relies on.
 *        [E] acquire of the own end pairs with the claim that moved it: who
 *            sees one claim sees all that its thread has claimed before, at
 *            the other end too. Else a new head beside an old tail looks empty
 *            where it never was, and a new tail beside an old head looks full.
 *
 * A claim is where the operation takes effect: full, empty and closed are
 * answered from head and tail, never from a cell that lags. So an operation
 * that meets a cell between claim and turn waits for that peer's few
 * instructions (like one who meets a held lock) instead of answering wrongly.
 */
#ifndef QUEUE_RING_H
#define QUEUE_RING_H

#include <stdlib.h>

#include "../queue.h"

enum { RING_CAPACITY_MAX = 1 << 30 };

struct cell {
	_Atomic uint64_t turn;
	void *item;
};

/* Lines come in pairs: the prefetcher fetches the neighbour as well. */
struct ring_end {
	_Atomic uint64_t position;
	char pad[2 * CACHE_LINE - sizeof(uint64_t)];
};

struct ring {
	struct ring_end tail, head;
	struct cell *cells;
	uint64_t capacity;
	uint64_t closed;    /* the bit above the index */
	unsigned lap_shift; /* the lap is above that */
};

static int ring_init(struct ring *r, size_t capacity)
{
	unsigned index_bits = 0;

	if (capacity > RING_CAPACITY_MAX)
		return SYNC_INVALID;
	while (UINT64_C(1) << index_bits < capacity)
		index_bits++;
	/* zero: every cell is free for lap 0; pages come when touched */
	r->cells = calloc(capacity, sizeof(r->cells[0]));
	if (!r->cells)
		return SYNC_NO_MEMORY;
	r->capacity = capacity;
	r->closed = UINT64_C(1) << index_bits;
	r->lap_shift = index_bits + 1;
	atomic_init(&r->tail.position, 0);
	atomic_init(&r->head.position, 0);
	return SYNC_OK;
}

static void ring_destroy(struct ring *r)
{
	free(r->cells);
}

static ALWAYS_INLINE uint64_t ring_index(const struct ring *r, uint64_t at)
{
	return at & (r->closed - 1);
}

/* The position after an open one. */
static ALWAYS_INLINE uint64_t ring_after(const struct ring *r, uint64_t at)
{
	if (likely(ring_index(r, at) + 1 < r->capacity))
		return at + 1;
	return ((at >> r->lap_shift) + 1) << r->lap_shift;
}

/* How many claims lie before a position. */
static uint64_t ring_count(const struct ring *r, uint64_t at)
{
	return (at >> r->lap_shift) * r->capacity + ring_index(r, at);
}

/* SYNC_OK, SYNC_BUSY (full) or SYNC_CLOSED. */
static ALWAYS_INLINE int ring_put(struct ring *r, void *item)
{
	struct spinner s = { 0 };

	for (;;) {
		/* [E]; a stale tail fails the turn or the exchange */
		uint64_t tail = atomic_load_explicit(&r->tail.position,
						     memory_order_acquire);
		struct cell *cell = &r->cells[ring_index(r, tail)];
		uint64_t turn = 2 * (tail >> r->lap_shift);

		if (unlikely(tail & r->closed))
			return SYNC_CLOSED;
		/* [A] with [C] */
		if (likely(atomic_load_explicit(&cell->turn,
						memory_order_acquire) ==
			   turn)) {
			/* [D] */
			if (unlikely(!atomic_compare_exchange_weak_explicit(
				    &r->tail.position, &tail,
				    ring_after(r, tail), memory_order_seq_cst,
				    memory_order_relaxed)))
				continue;
			cell->item = item;
			/* [B] */
			atomic_store_explicit(&cell->turn, turn + 1,
					      memory_order_release);
			return SYNC_OK;
		}
		/* [D] a lap behind: full, if tail is not stale. Who goes to
		 * sleep now must not have missed the closing. */
		if (tail - atomic_load_explicit(&r->head.position,
						memory_order_seq_cst) ==
			    UINT64_C(1) << r->lap_shift &&
		    tail == atomic_load_explicit(&r->tail.position,
						 memory_order_seq_cst))
			return SYNC_BUSY;
		spin_once(&s, DEADLINE_NEVER);
	}
}

/* SYNC_OK, SYNC_BUSY (empty) or SYNC_CLOSED (empty for ever). */
static ALWAYS_INLINE int ring_get(struct ring *r, void **item)
{
	struct spinner s = { 0 };

	for (;;) {
		/* [E]; a stale head fails the turn or the exchange */
		uint64_t head = atomic_load_explicit(&r->head.position,
						     memory_order_acquire);
		struct cell *cell = &r->cells[ring_index(r, head)];
		uint64_t turn = 2 * (head >> r->lap_shift) + 1;

		/* [A] with [B] */
		if (likely(atomic_load_explicit(&cell->turn,
						memory_order_acquire) ==
			   turn)) {
			/* [D] */
			if (unlikely(!atomic_compare_exchange_weak_explicit(
				    &r->head.position, &head,
				    ring_after(r, head), memory_order_seq_cst,
				    memory_order_relaxed)))
				continue;
			*item = cell->item;
			/* [C] */
			atomic_store_explicit(&cell->turn, turn + 1,
					      memory_order_release);
			return SYNC_OK;
		}
		/* [D] */
		uint64_t tail = atomic_load_explicit(&r->tail.position,
						     memory_order_seq_cst);

		if (tail == head)
			return SYNC_BUSY;
		if (tail == (head | r->closed))
			return SYNC_CLOSED;
		spin_once(&s, DEADLINE_NEVER);
	}
}

static void ring_close(struct ring *r)
{
	/* [D] */
	atomic_fetch_or_explicit(&r->tail.position, r->closed,
				 memory_order_seq_cst);
}

/* All that were ever put. */
static uint64_t ring_puts(struct ring *r)
{
	/* [D] */
	return ring_count(r, atomic_load_explicit(&r->tail.position,
						  memory_order_seq_cst) &
				     ~r->closed);
}

static size_t ring_length(struct ring *r)
{
	uint64_t puts, gets;

	/* both at one moment: tail has not moved while head was read */
	do {
		puts = ring_puts(r);
		/* [D] */
		gets = ring_count(r,
				  atomic_load_explicit(&r->head.position,
						       memory_order_seq_cst));
	} while (ring_puts(r) != puts);
	return (size_t)(puts - gets);
}

#endif
