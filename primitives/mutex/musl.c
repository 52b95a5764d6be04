/* SPDX-License-Identifier: MIT */
/*
 * musl's normal mutex: the word says held or held with a sleeper, beside it a
 * count of those who wait; spins only while nobody does.
 *
 * Source: the algorithm of musl 1.2, src/thread/pthread_mutex_lock.c,
 * pthread_mutex_timedlock.c and pthread_mutex_unlock.c. Unlike musl, a waiter
 * that could not leave its mark looks again instead of calling the kernel,
 * which would find the word changed in nearly all cases.
 *
 * State  word   0 free; HELD; HELD | MARK: somebody may sleep, stale if all who
 *               slept have timed out
 *        waiters  those between the spin and the mutex; read by unlock, since
 *               who takes the mutex takes it unmarked, whoever else sleeps. May
 *               be too high (awake, not yet in): the price is a needless wake.
 *
 * Edges  [A] acquire of the compare-exchange that takes the word pairs with [B]
 *        [B] release of the exchange in unlock pairs with [A]
 *
 * The mark publishes nothing, so it is relaxed. Who is woken owes the next wake
 * and knows whether one is due: it counted itself out, and all changes of the
 * count are read-modify-writes, so it has seen every sleeper before it. If it
 * comes too late for the mutex, it marks the word again, which the holder's
 * exchange reads. A newcomer that sees too low a count owes nobody anything.
 *
 * Progress: barging, no bypass bound.
 * Costs: two atomic read-modify-writes uncontended; six and a system call for a
 * wait, one more for its wake. Loses to a mutex that goes on spinning: the
 * first sleeper sends all who come after it to sleep at once.
 */
#include "../mutex.h"

enum { HELD = EBUSY };

static const uint32_t MARK = UINT32_C(1) << 31;

enum { SPINS = TURNS(100) };

struct musl {
	_Atomic uint32_t word;
	_Atomic uint32_t waiters;
};

static ALWAYS_INLINE bool take(struct musl *m)
{
	uint32_t expected = 0;

	/* [A]; the failure order is relaxed: nothing was acquired */
	return atomic_compare_exchange_strong_explicit(&m->word, &expected,
						       HELD,
						       memory_order_acquire,
						       memory_order_relaxed);
}

/* relaxed: what is seen only decides for how long to look */
static void spin(struct musl *m)
{
	int spins = SPINS;

	while (spins-- &&
	       atomic_load_explicit(&m->word, memory_order_relaxed) &&
	       !atomic_load_explicit(&m->waiters, memory_order_relaxed))
		cpu_relax();
}

/* Mark the held word and sleep until it may be free; false if it is late. */
static bool wait(struct musl *m, uint64_t deadline)
{
	uint32_t seen = atomic_load_explicit(&m->word, memory_order_relaxed);
	uint32_t marked = seen | MARK;
	int result = 0;

	if (!seen)
		return true;
	/* relaxed: whoever has to know it has changed it itself */
	atomic_fetch_add_explicit(&m->waiters, 1, memory_order_relaxed);
	/* relaxed: it tells the holder to wake us, no more */
	if (atomic_compare_exchange_strong_explicit(&m->word, &seen, marked,
						    memory_order_relaxed,
						    memory_order_relaxed))
		result = futex_wait(&m->word, marked, deadline);
	/* relaxed: who reads it too early wakes one too many */
	atomic_fetch_sub_explicit(&m->waiters, 1, memory_order_relaxed);
	return result != ETIMEDOUT;
}

static COLD int lock_slow(struct musl *m, uint64_t deadline)
{
	spin(m);
	while (!take(m))
		if (!wait(m, deadline))
			return take(m) ? SYNC_OK : SYNC_TIMEOUT;
	return SYNC_OK;
}

static inline void lock(void *mutex, void *node)
{
	(void)node;
	if (unlikely(!take(mutex)))
		lock_slow(mutex, DEADLINE_NEVER);
}

static inline int trylock(void *mutex, void *node)
{
	(void)node;
	return take(mutex) ? SYNC_OK : SYNC_BUSY;
}

static int timedlock(void *mutex, void *node, uint64_t deadline)
{
	(void)node;
	return take(mutex) ? SYNC_OK : lock_slow(mutex, deadline);
}

static inline void unlock(void *mutex, void *node)
{
	struct musl *m = mutex;
	/* relaxed, and before the word is freed: then the object may be gone */
	uint32_t waiters =
		atomic_load_explicit(&m->waiters, memory_order_relaxed);

	(void)node;
	/* [B] */
	uint32_t word =
		atomic_exchange_explicit(&m->word, 0, memory_order_release);

	if (unlikely(waiters || (word & MARK)))
		futex_wake(&m->word, 1);
}

REGISTER_MUTEX(
	.id = {
		.name = "musl",
		.family = OTHER,
		.brief = "mark and count of waiters, spins while there are none",
		.source = "musl 1.2, src/thread/pthread_mutex_timedlock.c",
		.size = sizeof(struct musl),
	},
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock);
