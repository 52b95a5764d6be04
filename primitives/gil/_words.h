/* SPDX-License-Identifier: MIT */
/*
 * What the futex and the spin GIL share: CPython's algorithm on plain words.
 * The family's file defines how a waiter waits (the hooks below).
 *
 * Words  lock          the family's; 0 is free
 *        drop_request  1: a waiter has waited the interval. Legal to miss one
 *                      (a taker may clear it just as it is set: its waiter asks
 *                      again after an interval); illegal to be set while the
 *                      waiter who set it no longer waits, since the holder
 *                      would wait for a taker who never comes. That holds
 *                      because waiters only leave by taking, every taker clears
 *                      it, and the one who set it cannot miss its own store.
 *        taken         changes when the lock is taken after a forced switch
 *        leaving       the last holder waits for that; guarded by the lock
 *        last_holder   guarded by the lock
 *        switches      written by the holder, read by all
 *
 * Edges  [A] acquire of the operation that takes the lock word pairs with [B]
 *        [B] release of the operation that frees it pairs with [A]; it also
 *            carries leaving and last_holder to the taker
 * All other words are relaxed: they carry no data, only when to act.
 */
#ifndef WORDS_H
#define WORDS_H

#include "../gil.h"

struct words {
	_Atomic uint32_t lock;
	_Atomic uint32_t drop_request;
	_Atomic uint32_t taken;
	bool leaving;
	uint64_t last_holder;
	_Atomic uint64_t switches;
	_Atomic uint64_t interval_ns;
};

enum outcome { TAKEN, LOST, TIMED_OUT };

/* ---- what the family says ---- */

static inline bool lock_take(struct words *g); /* [A], at once or not */
static inline void lock_free(struct words *g); /* [B], and wake a waiter */
/* One wait: TAKEN [A], LOST when it was free but others took it, TIMED_OUT when
 * it is still held at the deadline. */
static enum outcome lock_await(struct words *g, uint64_t deadline);
static void taken_await(struct words *g, uint32_t before);
static void taken_wake(struct words *g);

/* ---- the algorithm ---- */

/* A number that no other thread ever has: addresses and kernel ids come back.
 */
static ALWAYS_INLINE uint64_t self(void)
{
	static _Atomic uint64_t threads;
	static _Thread_local uint64_t mine;

	/* relaxed: only that each gets its own number matters */
	if (unlikely(!mine))
		mine = 1 + atomic_fetch_add_explicit(&threads, 1,
						     memory_order_relaxed);
	return mine;
}

static ALWAYS_INLINE bool drop_requested(const struct words *g)
{
	/* relaxed: the request is seen soon enough at one of the next yields */
	return atomic_load_explicit(&g->drop_request, memory_order_relaxed);
}

static inline uint64_t switches(void *gil)
{
	struct words *g = gil;

	/* relaxed: a count */
	return atomic_load_explicit(&g->switches, memory_order_relaxed);
}

static COLD void take_slow(struct words *g)
{
	for (;;) {
		uint64_t before = switches(g);
		/* relaxed: a setting, for waits that start afterwards */
		uint64_t interval = atomic_load_explicit(&g->interval_ns,
							 memory_order_relaxed);

		switch (lock_await(g, deadline_in(interval))) {
		case TAKEN:
			return;
		case LOST: /* as in CPython, the interval starts anew */
			break;
		case TIMED_OUT:
			if (switches(g) == before)
				atomic_store_explicit(&g->drop_request, 1,
						      memory_order_relaxed);
		}
	}
}

/* The lock is ours and was another thread's before. */
static inline void changed_hands(struct words *g, uint64_t me)
{
	/* A load and a store: only the holder writes it. */
	if (g->last_holder)
		atomic_store_explicit(&g->switches, switches(g) + 1,
				      memory_order_relaxed);
	g->last_holder = me;
	if (unlikely(g->leaving)) {
		g->leaving = false;
		atomic_fetch_add_explicit(&g->taken, 1, memory_order_relaxed);
		taken_wake(g);
	}
}

static inline void acquire(void *gil)
{
	struct words *g = gil;
	uint64_t me = self();

	if (unlikely(!lock_take(g)))
		take_slow(g);
	if (g->last_holder != me)
		changed_hands(g, me);
	/* load first: the line stays shared with the waiters */
	if (unlikely(drop_requested(g)))
		atomic_store_explicit(&g->drop_request, 0,
				      memory_order_relaxed);
}

/* Forced switching: give it up and stay away until another has taken it. */
static COLD void switch_away(struct words *g)
{
	/* ours to read: only a taker changes it */
	uint32_t before = atomic_load_explicit(&g->taken, memory_order_relaxed);

	g->leaving = true;
	lock_free(g);
	/* 2^32 forced switches would have to pass unnoticed to miss it */
	taken_await(g, before);
}

static inline void release(void *gil)
{
	struct words *g = gil;

	/* Look before it is free; afterwards the object may be gone. */
	if (unlikely(drop_requested(g)))
		switch_away(g);
	else
		lock_free(g);
}

static COLD bool yield_slow(struct words *g)
{
	switch_away(g);
	acquire(g);
	return true;
}

static inline bool yield(void *gil)
{
	struct words *g = gil;

	return unlikely(drop_requested(g)) && yield_slow(g);
}

static void set_interval(void *gil, uint64_t interval_ns)
{
	struct words *g = gil;

	/* 0 would ask for a drop at once, and a holder would do nothing else */
	atomic_store_explicit(&g->interval_ns, interval_ns ? interval_ns : 1,
			      memory_order_relaxed);
}

static int init(void *gil, uint64_t interval_ns)
{
	struct words *g = gil;

	if (!interval_ns)
		return SYNC_INVALID;
	*g = (struct words){ .interval_ns = interval_ns };
	return SYNC_OK;
}

/* For .age. */
static void words_age(void *gil, uint32_t left)
{
	struct words *g = gil;

	/* relaxed: nobody uses it yet */
	atomic_store_explicit(&g->taken, -left, memory_order_relaxed);
}

#endif
