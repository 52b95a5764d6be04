/* SPDX-License-Identifier: MIT */
/*
 * One sentence: what kind of mutex this is. (A template: copy it to NAME.c in
 * this folder; `make` finds it, nothing else has to be edited.)
 *
 * Source: author, title, year, section. Facts and algorithms carry their
 * source.
 *
 * State  0 free, 1 held. Name each state or bit and say when it may be stale.
 *
 * Edges  [A] acquire of the exchange that takes the word pairs with [B]
 *        [B] release store in unlock pairs with [A]
 *
 * Progress: FIFO? bypass bound? does a waiter sleep?
 * Costs: atomic read-modify-writes and system calls, uncontended and contended.
 * When it loses.
 */
#include "../mutex.h"

/* The object. All-zero bytes are unlocked, or flag IMPL_NEEDS_INIT; at most 40
 * bytes, or flag IMPL_LARGE. */
struct template
{
	_Atomic uint32_t held;
};

static inline void lock(void *mutex, void *node)
{
	struct template *m = mutex;
	struct spinner s = { 0 };

	(void)node; /* for queue locks: set .node_size and it is yours */
	/* [A] */
	while (atomic_exchange_explicit(&m->held, 1, memory_order_acquire))
		spin_once(&s, DEADLINE_NEVER);
}

static inline int trylock(void *mutex, void *node)
{
	struct template *m = mutex;

	(void)node;
	/* [A] */
	return atomic_exchange_explicit(&m->held, 1, memory_order_acquire)
		       ? SYNC_BUSY
		       : SYNC_OK;
}

static inline void unlock(void *mutex, void *node)
{
	struct template *m = mutex;

	(void)node;
	/* [B] */
	atomic_store_explicit(&m->held, 0, memory_order_release);
}

/* The name is that of the file. What is left out is NULL, and .unsupported says
 * why: the tests skip it aloud. */
REGISTER_MUTEX(
	.id = {
		.name = FILE_STEM,
		.family = OTHER,
		.brief = "one line for `synclab list`",
		.source = "where it comes from",
		.unsupported = "the template has no timed form",
		.size = sizeof(struct template),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
