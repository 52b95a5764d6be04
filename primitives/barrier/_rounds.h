/* SPDX-License-Identifier: MIT */
/*
 * The state of the futex and the spin barrier, and every change of it.
 *
 * State  round    how many rounds are complete (37 bits)
 *        arrived  waiters of this round, those of a broken one until they have
 *                 left (24 bits: Linux has at most 2^22 threads)
 *        BROKEN   by abort, timeout or reset; this round never completes
 *        RESTORE  reset has come: the last waiter out takes BROKEN away; until
 *                 then newcomers wait ("draining"). Only with BROKEN and
 *                 arrived > 0.
 *        ASLEEP   somebody may sleep until BROKEN, RESTORE or the round change;
 *                 whoever takes it away wakes all. futex.c alone sets it.
 *
 * A round changes its number only by completing: a broken one keeps it until
 * the last of its waiters is out. So a waiter that sees another number than its
 * own knows, however late, that its round was complete, whatever has been
 * aborted or reset since, and one that sees its own number and BROKEN knows
 * that its round is broken. It would be misled by 2^37 rounds in between.
 *
 * Edges  [A] acquire of the arrival and of each look at the state pairs with
 * [B] [B] release of every change pairs with [A]; all are read-modify-writes,
 *            so that what each party releases reaches all
 */
#ifndef ROUNDS_H
#define ROUNDS_H

#include "../barrier.h"

#define ASLEEP	UINT64_C(1)
#define BROKEN	UINT64_C(2)
#define RESTORE UINT64_C(4)
#define ARRIVAL UINT64_C(8)
#define ROUND	(ARRIVAL << 24)
/* What waiters wait for. */
#define NEWS (~(ROUND - 1) | BROKEN | RESTORE)

struct rounds {
	_Atomic uint64_t state;
	uint32_t parties;
};

/* How the two differ. Sleep or spin until the state has NEWS that `seen` has
 * not; false when the deadline has passed. Wake all that sleep so. */
typedef bool rounds_await(struct rounds *r, uint64_t seen, uint64_t deadline);
typedef void rounds_wake(struct rounds *r);

static inline int rounds_init(void *barrier, unsigned parties)
{
	struct rounds *r = barrier;

	if (parties == 0)
		return SYNC_INVALID;
	r->parties = parties;
	atomic_init(&r->state, 0);
	return SYNC_OK;
}

/* For .age: so many rounds are left before the number wraps round. */
static inline void rounds_age(void *barrier, uint32_t left)
{
	struct rounds *r = barrier;

	/* relaxed: nobody uses it yet */
	atomic_store_explicit(&r->state, -(left * ROUND), memory_order_relaxed);
}

static ALWAYS_INLINE uint64_t look(struct rounds *r)
{
	/* [A] */
	return atomic_load_explicit(&r->state, memory_order_acquire);
}

static ALWAYS_INLINE unsigned arrived(uint64_t state)
{
	return (unsigned)(state % ROUND / ARRIVAL);
}

static ALWAYS_INLINE bool draining(uint64_t state)
{
	return state & RESTORE;
}

/* From *old to next, and wake those that this takes ASLEEP from. */
static ALWAYS_INLINE bool change(struct rounds *r, uint64_t *old, uint64_t next,
				 rounds_wake *wake)
{
	/* [A] [B] */
	if (!atomic_compare_exchange_weak_explicit(&r->state, old, next,
						   memory_order_acq_rel,
						   memory_order_relaxed))
		return false;
	if (unlikely(*old & ~next & ASLEEP))
		wake(r);
	return true;
}

/* Wait until the broken waiters are out; break it anew if that takes too long.
 */
static COLD int rounds_drain(struct rounds *r, uint64_t deadline,
			     rounds_await *await, rounds_wake *wake)
{
	uint64_t s = look(r);

	while (draining(s)) {
		if (await(r, s, deadline)) {
			s = look(r);
			continue;
		}
		s = look(r);
		if (draining(s) && change(r, &s, s & ~(RESTORE | ASLEEP), wake))
			return SYNC_TIMEOUT;
	}
	return SYNC_OK;
}

/* Leave the round that was joined in the state `mine`. */
static ALWAYS_INLINE int rounds_leave(struct rounds *r, uint64_t mine,
				      rounds_wake *wake)
{
	uint64_t s = look(r), next;
	int result;

	do {
		if (likely((s ^ mine) / ROUND))
			return SYNC_OK;
		next = s - ARRIVAL;
		if (s & BROKEN) {
			result = SYNC_BROKEN;
			if (draining(s) && arrived(next) == 0)
				next &= ~(BROKEN | RESTORE | ASLEEP);
		} else {
			/* no news: it is our deadline that brought us here */
			result = SYNC_TIMEOUT;
			next = (next | BROKEN) & ~ASLEEP;
		}
	} while (!change(r, &s, next, wake));
	return result;
}

static ALWAYS_INLINE int rounds_wait(struct rounds *r, uint64_t deadline,
				     unsigned *index, rounds_await *await,
				     rounds_wake *wake)
{
	/* relaxed: only the change that depends on it counts */
	uint64_t s = atomic_load_explicit(&r->state, memory_order_relaxed);
	uint64_t next;
	unsigned left;
	int result;

	for (;;) {
		if (unlikely(draining(s))) {
			if (rounds_drain(r, deadline, await, wake))
				return SYNC_TIMEOUT;
			s = look(r);
			continue;
		}
		if (unlikely(s & BROKEN))
			return SYNC_BROKEN;
		left = r->parties - 1 - arrived(s);
		next = left ? s + ARRIVAL : (s & ~(ROUND - 1)) + ROUND;
		if (change(r, &s, next, wake))
			break;
	}
	if (left)
		await(r, next, deadline);
	result = left ? rounds_leave(r, next, wake) : SYNC_OK;
	if (index && result == SYNC_OK)
		*index = left;
	return result;
}

static inline void rounds_abort(struct rounds *r, rounds_wake *wake)
{
	uint64_t s = look(r);

	while (!change(r, &s, (s | BROKEN) & ~(RESTORE | ASLEEP), wake))
		;
}

static inline void rounds_reset(struct rounds *r, rounds_wake *wake)
{
	uint64_t s = look(r), next;

	do {
		if (draining(s))
			return;
		if (arrived(s))
			next = (s | BROKEN | RESTORE) & ~ASLEEP;
		else
			next = s & ~(BROKEN | ASLEEP);
	} while (!change(r, &s, next, wake));
}

static inline unsigned rounds_waiting(void *barrier)
{
	uint64_t s = look(barrier);

	return s & BROKEN ? 0 : arrived(s);
}

static inline bool rounds_broken(void *barrier)
{
	return (look(barrier) & (BROKEN | RESTORE)) == BROKEN;
}

#endif
