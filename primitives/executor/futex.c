/* SPDX-License-Identifier: MIT */
/*
 * A thread pool whose threads spin briefly and then sleep in futex(2).
 *
 * Source: a FIFO under a mutex with intrusive links, see _pool.h; the mutex is
 * mutex2 of U. Drepper, "Futexes Are Tricky" (2011); idle workers rest on a
 * semaphore that is granted under the mutex, so that a wake is asked for only
 * if more tasks are queued than workers are on their way.
 *
 * State  lock.word  FREE, HELD, CONTENDED (somebody may sleep; may be stale)
 *        bed.permits  idle workers that may get up
 *        bed.asleep   workers in futex_wait or near it; at least the former
 *
 * Edges  besides those of _pool.h
 *        [G] acquire of the lock pairs with [H]
 *        [H] release of the lock pairs with [G]
 *        [I] the seq_cst increment of permits and the load of asleep after it,
 *            against [J] the seq_cst increment of asleep and the load of
 *            permits after it: one of the two sees the other, or a worker
 *            sleeps on beside its permit (the kernel's own look at permits is
 *            no edge of C11's)
 *
 * Progress: tasks start in order; the lock is barging.
 * Costs: two atomic read-modify-writes for submit, four for the worker, one for
 * each item of a map; a system call only for a thread that really sleeps.
 * Loses to pools with one queue a worker when tasks are short and cores many.
 */
#include "../executor.h"

/*
 * A sleep and a wake-up across cores cost both sides together 7 us and the
 * sleeper's latency grows with the depth of the core's idle state; a pool is
 * about throughput, so its waiters spin about twice as long. They yield every
 * 32 turns (0.6 us) since what they wait for may want their core.
 */
enum { SPIN_TURNS = TURNS(512), TURNS_PER_YIELD = 32 };

static ALWAYS_INLINE bool spin_turn(unsigned *turns)
{
	if (++*turns % TURNS_PER_YIELD == 0)
		yield_core();
	else
		cpu_relax();
	return *turns < SPIN_TURNS;
}

enum { FREE, HELD, CONTENDED };

struct lock {
	_Atomic uint32_t word;
};

#define LOCK_INIT FREE

static inline void lock_init(struct lock *l)
{
	atomic_store_explicit(&l->word, FREE, memory_order_relaxed);
}

static inline void lock_destroy(struct lock *l)
{
	(void)l;
}

/* Sections are short: a holder that is not done soon has lost its core. */
enum { LOCK_TURNS = 100 };

static COLD void lock_slow(struct lock *l)
{
	for (int i = 0; i < LOCK_TURNS; i++) {
		uint32_t free = FREE;

		/* load before the exchange: spinning keeps the line shared;
		 * then [G] */
		if (atomic_load_explicit(&l->word, memory_order_relaxed) ==
			    FREE &&
		    atomic_compare_exchange_weak_explicit(&l->word, &free, HELD,
							  memory_order_acquire,
							  memory_order_relaxed))
			return;
		cpu_relax();
	}
	/* [G] */
	while (atomic_exchange_explicit(&l->word, CONTENDED,
					memory_order_acquire) != FREE)
		futex_wait(&l->word, CONTENDED, DEADLINE_NEVER);
}

static ALWAYS_INLINE void lock_acquire(struct lock *l)
{
	uint32_t free = FREE;

	/* [G]; the failure order is relaxed: nothing was acquired */
	if (unlikely(!atomic_compare_exchange_strong_explicit(
		    &l->word, &free, HELD, memory_order_acquire,
		    memory_order_relaxed)))
		lock_slow(l);
}

static ALWAYS_INLINE void lock_release(struct lock *l)
{
	/* [H] */
	if (unlikely(atomic_exchange_explicit(&l->word, FREE,
					      memory_order_release) ==
		     CONTENDED))
		futex_wake(&l->word, 1);
}

struct bed {
	_Atomic uint32_t permits;
	_Atomic uint32_t asleep;
};

static inline void bed_init(struct bed *b)
{
	atomic_store_explicit(&b->permits, 0, memory_order_relaxed);
	atomic_store_explicit(&b->asleep, 0, memory_order_relaxed);
}

static inline void bed_destroy(struct bed *b)
{
	(void)b;
}

/* [J] for who is about to sleep; the exchange is relaxed: whoever gets up takes
 * the lock next */
static ALWAYS_INLINE bool bed_take(struct bed *b)
{
	uint32_t n = atomic_load_explicit(&b->permits, memory_order_seq_cst);

	while (n)
		if (atomic_compare_exchange_weak_explicit(
			    &b->permits, &n, n - 1, memory_order_relaxed,
			    memory_order_relaxed))
			return true;
	return false;
}

static void bed_sleep(struct bed *b)
{
	unsigned turns = 0;

	do {
		if (bed_take(b))
			return;
	} while (spin_turn(&turns));
	/* [J] */
	atomic_fetch_add_explicit(&b->asleep, 1, memory_order_seq_cst);
	while (!bed_take(b))
		futex_wait(&b->permits, 0, DEADLINE_NEVER);
	atomic_fetch_sub_explicit(&b->asleep, 1, memory_order_relaxed);
}

static inline unsigned bed_grant(struct bed *b, unsigned n)
{
	uint32_t asleep;

	/* [I] */
	atomic_fetch_add_explicit(&b->permits, n, memory_order_seq_cst);
	asleep = atomic_load_explicit(&b->asleep, memory_order_seq_cst);
	return n < asleep ? n : asleep;
}

static inline void bed_wake(struct bed *b, unsigned n)
{
	futex_wake(&b->permits, (int)n);
}

static inline int word_wait(const _Atomic uint32_t *word, uint32_t value,
			    uint64_t deadline)
{
	return futex_wait(word, value, deadline) == ETIMEDOUT ? SYNC_TIMEOUT
							      : SYNC_OK;
}

static inline void word_wake(const _Atomic uint32_t *word)
{
	futex_wake_all(word);
}

#include "_pool.h"

REGISTER_EXECUTOR(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "one FIFO under a futex lock, spins before it sleeps",
		.source = "Drepper, Futexes Are Tricky (2011), section 6",
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
