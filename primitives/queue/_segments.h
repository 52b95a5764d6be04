/* SPDX-License-Identifier: MIT */
/*
 * An unbounded queue for many producers and consumers: a list of segments whose
 * slots are claimed by compare-exchange on a counter at each end.
 *
 * Source: the list channel of Rust's crossbeam (J. Turon, S. Glavina and
 * others), which has the closed bit in the tail and lets the getters of a
 * segment agree on who frees it; all code here is our own.
 *
 * tail, head   a position and the segment it lies in. A position counts slots,
 *              LAP a segment; the last of a lap is no slot: it means "the next
 *              segment is being linked, wait". Bit 0 of the tail: CLOSED, no
 *              claim succeeds any more. Bit 0 of the head: MORE, a segment
 *              follows, so all slots of this one are claimed by putters and
 *              nobody need ask the tail. MORE may be missing, never wrong.
 * filled       of a slot: the putter has written the item
 * left         of a slot: GONE, its getter has read the item; RECLAIM, whoever
 *              frees the segment came too early: the getter goes on with that.
 * Positions have 63 bits: they do not wrap.
 *
 * The segment is read after the position and before the exchange; a segment
 * changes only together with its position, and positions never come back, so an
 * exchange that succeeds has used the right segment. Segments are touched only
 * by owners of a slot in them: no use after free by those with a stale pointer.
 *
 * Edges  [A] acquire of position, segment, next pairs with [B]
 *        [B] release of segment, position, next when a segment is linked
 *        [C] release of filled in put pairs with [D] acquire in get: the item,
 *            and all that happened before the put
 *        [E] acq_rel of left: the getters have read before one frees
 *        [F] the putters' claims, closing, and all looks at the tail are
 *            seq_cst: a getter announces itself and then looks; a putter claims
 *            and then looks for getters. Neither load may pass the store
 *            before it. Nobody waits for room, so the head needs none of it.
 *        [H] release of the getters' claims pairs with the acquire of head in
 *            length: who sees the claim sees the put that it took
 *        [G] the spare: release by who leaves it, acquire by who takes it
 *
 * A claim is where the operation takes effect, as in _ring.h; one who meets a
 * peer between its claim and its last store waits for it.
 */
#ifndef QUEUE_SEGMENTS_H
#define QUEUE_SEGMENTS_H

#include <stdlib.h>
#include <string.h>

#include "../queue.h"

/* A page quarter a segment: an allocation is shared by 63 puts. */
enum { LAP = 64, SLOTS = LAP - 1 };

enum { CLOSED = 1, MORE = 1, ONE = 2 };

enum { GONE = 1, RECLAIM = 2 };

struct slot {
	_Atomic uint32_t filled;
	_Atomic uint32_t left;
	void *item;
};

struct segment {
	struct segment *_Atomic next;
	struct slot slots[SLOTS];
};

struct segments_end {
	_Atomic uint64_t position;
	struct segment *_Atomic segment;
	char pad[2 * CACHE_LINE - sizeof(uint64_t) - sizeof(void *)];
};

struct segments {
	struct segments_end tail, head;
	struct segment *_Atomic spare; /* the last one that was freed */
};

static COLD struct segment *segment_new(struct segments *q)
{
	/* [G] */
	struct segment *s =
		atomic_exchange_explicit(&q->spare, NULL, memory_order_acquire);

	if (!s)
		return calloc(1, sizeof(*s));
	memset(s, 0, sizeof(*s));
	return s;
}

static COLD void segment_free(struct segments *q, struct segment *s)
{
	/* [G]; acquire as well, since the older one is freed here */
	free(atomic_exchange_explicit(&q->spare, s, memory_order_acq_rel));
}

static int segments_init(struct segments *q)
{
	struct segment *first = calloc(1, sizeof(*first));

	if (!first)
		return SYNC_NO_MEMORY;
	atomic_init(&q->tail.position, 0);
	atomic_init(&q->head.position, 0);
	atomic_init(&q->tail.segment, first);
	atomic_init(&q->head.segment, first);
	atomic_init(&q->spare, NULL);
	return SYNC_OK;
}

static void segments_destroy(struct segments *q)
{
	/* relaxed: nobody else is inside */
	struct segment *s =
		atomic_load_explicit(&q->head.segment, memory_order_relaxed);

	while (s) {
		struct segment *next =
			atomic_load_explicit(&s->next, memory_order_relaxed);

		free(s);
		s = next;
	}
	free(atomic_load_explicit(&q->spare, memory_order_relaxed));
}

static ALWAYS_INLINE unsigned segments_offset(uint64_t position)
{
	return position / ONE % LAP;
}

/* How many claims lie before a position. */
static uint64_t segments_count(uint64_t position)
{
	return position / ONE / LAP * SLOTS + segments_offset(position);
}

/* By the putter that has claimed the last slot of s. */
static COLD void segments_link(struct segments *q, struct segment *s,
			       struct segment *fresh)
{
	/* [B], in this order: who sees the position sees the segment */
	atomic_store_explicit(&q->tail.segment, fresh, memory_order_release);
	/* an addition: the closed bit may come at any time */
	atomic_fetch_add_explicit(&q->tail.position, ONE, memory_order_release);
	atomic_store_explicit(&s->next, fresh, memory_order_release);
}

/* SYNC_OK, SYNC_CLOSED or SYNC_NO_MEMORY. */
static ALWAYS_INLINE int segments_put(struct segments *q, void *item)
{
	struct segment *fresh = NULL, *s;
	struct spinner spinner = { 0 };
	uint64_t tail;
	unsigned i;

	for (;;) {
		/* [A] */
		tail = atomic_load_explicit(&q->tail.position,
					    memory_order_acquire);
		s = atomic_load_explicit(&q->tail.segment,
					 memory_order_acquire);
		i = segments_offset(tail);
		if (unlikely(tail & CLOSED)) {
			free(fresh);
			return SYNC_CLOSED;
		}
		if (unlikely(i == SLOTS)) {
			spin_once(&spinner, DEADLINE_NEVER);
			continue;
		}
		/* before the claim, which cannot be undone */
		if (unlikely(i == SLOTS - 1 && !fresh)) {
			fresh = segment_new(q);
			if (!fresh)
				return SYNC_NO_MEMORY;
		}
		/* [F] */
		if (likely(atomic_compare_exchange_weak_explicit(
			    &q->tail.position, &tail, tail + ONE,
			    memory_order_seq_cst, memory_order_relaxed)))
			break;
	}
	if (unlikely(i == SLOTS - 1))
		segments_link(q, s, fresh);
	else if (unlikely(fresh))
		segment_free(q, fresh);
	s->slots[i].item = item;
	/* [C] */
	atomic_store_explicit(&s->slots[i].filled, 1, memory_order_release);
	return SYNC_OK;
}

/* By the getter that has claimed the last slot of s. */
static COLD void segments_advance(struct segments *q, struct segment *s,
				  uint64_t head)
{
	struct spinner spinner = { 0 };
	struct segment *next;

	/* [A] */
	while (!(next = atomic_load_explicit(&s->next, memory_order_acquire)))
		spin_once(&spinner, DEADLINE_NEVER);
	head = (head & ~(uint64_t)MORE) + 2 * ONE;
	if (atomic_load_explicit(&next->next, memory_order_relaxed))
		head |= MORE;
	/* [B], in this order */
	atomic_store_explicit(&q->head.segment, next, memory_order_release);
	atomic_store_explicit(&q->head.position, head, memory_order_release);
}

/*
 * Free s once the getters of slots from i on have left; one that has not takes
 * over. The getter of the last slot begins, having left itself.
 */
static COLD void segments_reclaim(struct segments *q, struct segment *s,
				  unsigned i)
{
	for (; i < SLOTS - 1; i++)
		/* [E] */
		if (atomic_exchange_explicit(&s->slots[i].left, RECLAIM,
					     memory_order_acq_rel) != GONE)
			return;
	segment_free(q, s);
}

/* Read the slot that was claimed, and leave it. */
static ALWAYS_INLINE void *segments_take(struct segments *q, struct segment *s,
					 unsigned i)
{
	struct spinner spinner = { 0 };
	struct slot *slot = &s->slots[i];
	void *item;

	/* [D] */
	while (unlikely(
		!atomic_load_explicit(&slot->filled, memory_order_acquire)))
		spin_once(&spinner, DEADLINE_NEVER);
	item = slot->item;
	if (unlikely(i == SLOTS - 1))
		segments_reclaim(q, s, 0);
	/* [E] */
	else if (unlikely(atomic_exchange_explicit(&slot->left, GONE,
						   memory_order_acq_rel) ==
			  RECLAIM))
		segments_reclaim(q, s, i + 1);
	return item;
}

/* SYNC_OK, SYNC_BUSY (empty) or SYNC_CLOSED (empty for ever). */
static ALWAYS_INLINE int segments_get(struct segments *q, void **item)
{
	struct spinner spinner = { 0 };

	for (;;) {
		/* [A] */
		uint64_t head = atomic_load_explicit(&q->head.position,
						     memory_order_acquire);
		struct segment *s = atomic_load_explicit(&q->head.segment,
							 memory_order_acquire);
		unsigned i = segments_offset(head);
		uint64_t more = head & MORE;

		if (unlikely(i == SLOTS)) {
			spin_once(&spinner, DEADLINE_NEVER);
			continue;
		}
		if (!more) {
			/* [F] */
			uint64_t tail = atomic_load_explicit(
				&q->tail.position, memory_order_seq_cst);

			if (head / ONE == tail / ONE)
				return tail & CLOSED ? SYNC_CLOSED : SYNC_BUSY;
			more = head / ONE / LAP != tail / ONE / LAP;
		}
		/* [H] */
		if (unlikely(!atomic_compare_exchange_weak_explicit(
			    &q->head.position, &head, (head | more) + ONE,
			    memory_order_release, memory_order_relaxed)))
			continue;
		if (unlikely(i == SLOTS - 1))
			segments_advance(q, s, head);
		*item = segments_take(q, s, i);
		return SYNC_OK;
	}
}

static void segments_close(struct segments *q)
{
	/* [F] */
	atomic_fetch_or_explicit(&q->tail.position, CLOSED,
				 memory_order_seq_cst);
}

/* All that were ever put. */
static uint64_t segments_puts(struct segments *q)
{
	/* [F] for who has got an item and wakes the next if there are more */
	return segments_count(
		atomic_load_explicit(&q->tail.position, memory_order_seq_cst));
}

static size_t segments_length(struct segments *q)
{
	uint64_t puts, gets;

	/* both at one moment: tail has not moved while head was read */
	do {
		puts = segments_puts(q);
		/* [H] */
		gets = segments_count(atomic_load_explicit(
			&q->head.position, memory_order_acquire));
	} while (segments_puts(q) != puts);
	return (size_t)(puts - gets);
}

#endif
