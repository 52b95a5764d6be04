/* SPDX-License-Identifier: MIT */
/*
 * What a recursive mutex adds to a plain one: whose it is and how deep. The
 * families differ in how they wait for the word, so each of them defines the
 * four functions below before it registers.
 *
 * owner  the holder's id (_thread_id.h), 0 if nobody holds it. Written by the
 * holder alone. To anyone else it may be stale, but it is never the reader's
 *        own id unless the reader holds it: a thread sees its own last write or
 *        a later one. Hence the accesses are relaxed.
 * depth  how often the holder has locked; plain, touched by the holder alone,
 *        and set to 0 before the word is given back, never after.
 */
#ifndef OWNED_H
#define OWNED_H

#include "../recursive_mutex.h"
#include "_thread_id.h"

struct owned {
	_Atomic uint32_t word; /* the plain mutex: 0 is free */
	uint32_t depth;
	_Atomic uint64_t owner;
};

enum { MAX_DEPTH = INT_MAX };

static ALWAYS_INLINE bool word_try(struct owned *m);
static int word_slow(struct owned *m, uint64_t deadline);
static ALWAYS_INLINE void word_unlock(struct owned *m);

static ALWAYS_INLINE bool is_mine(struct owned *m, uint64_t me)
{
	return atomic_load_explicit(&m->owner, memory_order_relaxed) == me;
}

static ALWAYS_INLINE int deeper(struct owned *m)
{
	if (unlikely(m->depth == MAX_DEPTH))
		return SYNC_OVERFLOW;
	m->depth++;
	return SYNC_OK;
}

static ALWAYS_INLINE int begin(struct owned *m, uint64_t me, unsigned depth)
{
	atomic_store_explicit(&m->owner, me, memory_order_relaxed);
	m->depth = depth;
	return SYNC_OK;
}

static ALWAYS_INLINE void end(struct owned *m)
{
	m->depth = 0;
	atomic_store_explicit(&m->owner, 0, memory_order_relaxed);
	word_unlock(m);
}

static inline int lock(void *mutex)
{
	uint64_t me = self();

	if (is_mine(mutex, me))
		return deeper(mutex);
	if (unlikely(!word_try(mutex)))
		word_slow(mutex, DEADLINE_NEVER);
	return begin(mutex, me, 1);
}

static inline int trylock(void *mutex)
{
	uint64_t me = self();

	if (is_mine(mutex, me))
		return deeper(mutex);
	return word_try(mutex) ? begin(mutex, me, 1) : SYNC_BUSY;
}

static int timedlock(void *mutex, uint64_t deadline)
{
	uint64_t me = self();

	if (is_mine(mutex, me))
		return deeper(mutex);
	if (!word_try(mutex) && word_slow(mutex, deadline))
		return SYNC_TIMEOUT;
	return begin(mutex, me, 1);
}

static inline int unlock(void *mutex)
{
	struct owned *m = mutex;

	if (unlikely(!is_mine(m, self())))
		return SYNC_NOT_OWNER;
	if (m->depth > 1)
		m->depth--;
	else
		end(m);
	return SYNC_OK;
}

static unsigned depth(void *mutex)
{
	struct owned *m = mutex;

	return is_mine(m, self()) ? m->depth : 0;
}

static unsigned release_all(void *mutex)
{
	struct owned *m = mutex;
	unsigned had = depth(m);

	if (had)
		end(m);
	return had;
}

static void reacquire(void *mutex, unsigned to)
{
	/* nothing was released, so there is nothing to acquire */
	if (!to)
		return;
	if (unlikely(!word_try(mutex)))
		word_slow(mutex, DEADLINE_NEVER);
	begin(mutex, self(), to);
}

#endif
