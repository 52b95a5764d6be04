/* SPDX-License-Identifier: MIT */
/*
 * A lock of one bit that is taken by an exchange: tas.c and ttas.c, which
 * differ in what a waiter repeats and in nothing else. Each defines acquire.
 *
 * State  0 free, 1 held
 *
 * Edges  [A] acquire of the exchange that takes the word pairs with [B]
 *        [B] release store in unlock pairs with [A]
 *
 * A waiter pauses after each look and never yields: what they are measured for
 * is what they do while the holder runs. The time that a holder off its core
 * costs is theirs as well, up to a time slice of every core.
 */
#ifndef TEST_AND_SET_H
#define TEST_AND_SET_H

#include "../mutex.h"

struct test_and_set {
	_Atomic uint32_t held;
};

/* 0 or SYNC_TIMEOUT. */
static ALWAYS_INLINE int acquire(struct test_and_set *m, uint64_t deadline);

static ALWAYS_INLINE bool take(struct test_and_set *m)
{
	/* [A] */
	return !atomic_exchange_explicit(&m->held, 1, memory_order_acquire);
}

static inline void lock(void *mutex, void *node)
{
	(void)node;
	acquire(mutex, DEADLINE_NEVER);
}

static inline int trylock(void *mutex, void *node)
{
	(void)node;
	return take(mutex) ? SYNC_OK : SYNC_BUSY;
}

static int timedlock(void *mutex, void *node, uint64_t deadline)
{
	(void)node;
	return acquire(mutex, deadline);
}

static inline void unlock(void *mutex, void *node)
{
	struct test_and_set *m = mutex;

	(void)node;
	/* [B] */
	atomic_store_explicit(&m->held, 0, memory_order_release);
}

#define REGISTER_TEST_AND_SET(...)                                             \
	REGISTER_MUTEX(.id = { .name = FILE_STEM,                              \
			       .family = OTHER,                                \
			       .size = sizeof(struct test_and_set),            \
			       __VA_ARGS__ },                                  \
		       .lock = lock, .trylock = trylock,                       \
		       .timedlock = timedlock, .unlock = unlock)

#endif
