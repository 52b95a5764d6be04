/* SPDX-License-Identifier: MIT */
/*
 * A thread pool whose idle workers and waiters spin and yield for ever.
 *
 * Source: a FIFO under a test-and-test-and-set lock with intrusive links, see
 * _pool.h.
 *
 * State  lock.held    0 free, 1 held
 *        bed.permits  idle workers that may go to work
 *
 * Edges  besides those of _pool.h
 *        [G] acquire of the lock pairs with [H]
 *        [H] release of the lock pairs with [G]
 *
 * Progress: tasks start in order; the lock is barging.
 * Costs: one atomic read-modify-write for submit, three for the worker, one for
 * each item of a map; no system call but sched_yield. Every idle worker keeps a
 * core or the scheduler busy: loses whenever a pool has nothing to do.
 */
#include "../executor.h"

struct lock {
	_Atomic uint32_t held;
};

#define LOCK_INIT 0

static inline void lock_init(struct lock *l)
{
	atomic_store_explicit(&l->held, 0, memory_order_relaxed);
}

static inline void lock_destroy(struct lock *l)
{
	(void)l;
}

static COLD void lock_slow(struct lock *l)
{
	struct spinner s = { 0 };

	do {
		/* load before the exchange: spinning keeps the line shared */
		while (atomic_load_explicit(&l->held, memory_order_relaxed))
			spin_once(&s, DEADLINE_NEVER);
		/* [G] */
	} while (atomic_exchange_explicit(&l->held, 1, memory_order_acquire));
}

static ALWAYS_INLINE void lock_acquire(struct lock *l)
{
	/* [G] */
	if (unlikely(atomic_exchange_explicit(&l->held, 1,
					      memory_order_acquire)))
		lock_slow(l);
}

static ALWAYS_INLINE void lock_release(struct lock *l)
{
	/* [H] */
	atomic_store_explicit(&l->held, 0, memory_order_release);
}

struct bed {
	_Atomic uint32_t permits;
};

static inline void bed_init(struct bed *b)
{
	atomic_store_explicit(&b->permits, 0, memory_order_relaxed);
}

static inline void bed_destroy(struct bed *b)
{
	(void)b;
}

static void bed_sleep(struct bed *b)
{
	struct spinner s = { 0 };
	uint32_t n;

	/* relaxed: whoever gets up takes the lock next */
	do {
		while (!(n = atomic_load_explicit(&b->permits,
						  memory_order_relaxed)))
			spin_once(&s, DEADLINE_NEVER);
	} while (!atomic_compare_exchange_weak_explicit(&b->permits, &n, n - 1,
							memory_order_relaxed,
							memory_order_relaxed));
}

static inline unsigned bed_grant(struct bed *b, unsigned n)
{
	atomic_fetch_add_explicit(&b->permits, n, memory_order_relaxed);
	return 0; /* nobody sleeps */
}

static inline void bed_wake(struct bed *b, unsigned n)
{
	(void)b, (void)n;
}

static inline bool spin_turn(unsigned *turns)
{
	(void)turns;
	return false; /* word_wait does nothing else */
}

static inline int word_wait(const _Atomic uint32_t *word, uint32_t value,
			    uint64_t deadline)
{
	struct spinner s = { 0 };

	/* relaxed: the caller reads the word again */
	while (atomic_load_explicit(word, memory_order_relaxed) == value)
		if (!spin_once(&s, deadline))
			return SYNC_TIMEOUT;
	return SYNC_OK;
}

static inline void word_wake(const _Atomic uint32_t *word)
{
	(void)word;
}

#include "_pool.h"

REGISTER_EXECUTOR(
	.id = {
		.name = "spin",
		.family = SPIN,
		.brief = "one FIFO under a spinlock; idle workers spin and yield",
		.source = "Rudolph and Segall, ISCA 1984, for the lock",
		.flags = IMPL_FIFO | IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct pool),
	},
	.future_size = sizeof(struct future),
	.init = init,
	.destroy = destroy,
	.submit = submit,
	.map = map,
	.shutdown = shutdown,
	.result = result,
	.cancel = cancel,
	.state = state,
	.on_done = on_done);
