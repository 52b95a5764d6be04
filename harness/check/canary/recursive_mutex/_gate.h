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
#include "../small_lock.h"

enum { MAX_DEPTH = INT_MAX };

struct owned {
	struct small_lock gate;
	uint32_t depth;
	_Atomic uint64_t owner;
};

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

static inline int leave(void *mutex)
{
	struct owned *m = mutex;

	if (!is_mine(m))
		return SYNC_NOT_OWNER;
	if (--m->depth == 0) {
		set_owner(m, 0);
		small_unlock(&m->gate);
	}
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
	small_unlock(&m->gate);
	return had;
}

static inline void reacquire(void *mutex, unsigned to)
{
	struct owned *m = mutex;

	if (!to)
		return;
	small_lock(&m->gate);
	set_owner(m, self());
	m->depth = to;
}

#endif
