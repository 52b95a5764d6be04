/* SPDX-License-Identifier: MIT */
/*
 * What the recursive canaries have in common: a plain futex mutex, the gate,
 * and whose it is. Each file has its own way to go in and out.
 *
 * owner and depth are written by the holder alone; owner may be read by anyone,
 * who finds its own id there only if it is the holder.
 */
#ifndef GATE_H
#define GATE_H

#include "../../../../primitives/recursive_mutex.h"
#include "../../../../primitives/recursive_mutex/_thread_id.h"
#include "../canary.h"

enum { FREE, HELD, CONTENDED };
enum { MAX_DEPTH = INT_MAX };

struct owned {
	_Atomic uint32_t gate;
	uint32_t depth;
	_Atomic uint64_t owner;
};

static inline bool gate_try(struct owned *m)
{
	uint32_t expected = FREE;

	return atomic_compare_exchange_strong_explicit(&m->gate, &expected,
						       HELD,
						       memory_order_acquire,
						       memory_order_relaxed);
}

/* 0 or SYNC_TIMEOUT; a deadline of 0 never blocks. */
static inline int gate_enter(struct owned *m, uint64_t deadline)
{
	if (gate_try(m))
		return SYNC_OK;
	if (!deadline)
		return SYNC_TIMEOUT;
	while (atomic_exchange_explicit(&m->gate, CONTENDED,
					memory_order_acquire) != FREE)
		if (futex_wait(&m->gate, CONTENDED, deadline) == ETIMEDOUT)
			return SYNC_TIMEOUT;
	return SYNC_OK;
}

static inline void gate_leave(struct owned *m)
{
	if (atomic_exchange_explicit(&m->gate, FREE, memory_order_release) ==
	    CONTENDED)
		futex_wake(&m->gate, 1);
}

static inline bool is_mine(struct owned *m)
{
	return atomic_load_explicit(&m->owner, memory_order_relaxed) == self();
}

static inline void set_owner(struct owned *m, uint64_t owner)
{
	atomic_store_explicit(&m->owner, owner, memory_order_relaxed);
}

static inline int deeper(struct owned *m)
{
	if (m->depth == MAX_DEPTH)
		return SYNC_OVERFLOW;
	m->depth++;
	return SYNC_OK;
}

static inline unsigned depth(void *mutex)
{
	struct owned *m = mutex;

	return is_mine(m) ? m->depth : 0;
}

static inline unsigned release_all(void *mutex)
{
	struct owned *m = mutex;
	unsigned had = depth(m);

	if (!had)
		return 0;
	m->depth = 0;
	set_owner(m, 0);
	gate_leave(m);
	return had;
}

static inline void reacquire(void *mutex, unsigned to)
{
	struct owned *m = mutex;

	if (!to)
		return;
	gate_enter(m, DEADLINE_NEVER);
	set_owner(m, self());
	m->depth = to;
}

#endif
