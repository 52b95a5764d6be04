/* SPDX-License-Identifier: MIT */
/*
 * The textbook's thread pool of POSIX calls: a mutex around the queue, a
 * semaphore on which idle workers sleep, condition variables for futures.
 *
 * Source: POSIX.1-2017; pthread_cond_clockwait is POSIX Issue 8. The queue with
 * intrusive links is in _pool.h.
 *
 * State  Futures have no condition variable of their own, as POSIX allows none
 *        to be destroyed while a broadcast is on its way out of the call: those
 *        who wait share a few that are static, found by the future's address. A
 *        waiter may be woken for somebody else's future.
 *
 * Edges  besides those of _pool.h
 *        [G] the mutex of a slot: word_wait looks at the word under it; the
 *            word is changed before word_wake takes it. Then either the waiter
 *            sees the new value, or it waits before the broadcast.
 *
 * Progress: tasks start in order; the mutex is barging; parks at once.
 * Costs: two mutex pairs a future, and a system call for every thread that
 * sleeps; the semaphore is posted under the mutex, since after it the pool may
 * be gone. Loses to whatever spins when tasks are shorter than a wake-up.
 */
#include "../executor.h"
#include "../posix.h"

struct lock {
	pthread_mutex_t mutex;
};

#define LOCK_INIT PTHREAD_MUTEX_INITIALIZER

static inline void lock_init(struct lock *l)
{
	pthread_mutex_init(&l->mutex, NULL);
}

static inline void lock_destroy(struct lock *l)
{
	pthread_mutex_destroy(&l->mutex);
}

static inline void lock_acquire(struct lock *l)
{
	pthread_mutex_lock(&l->mutex);
}

static inline void lock_release(struct lock *l)
{
	pthread_mutex_unlock(&l->mutex);
}

struct bed {
	sem_t permits;
};

static inline void bed_init(struct bed *b)
{
	sem_init(&b->permits, 0, 0);
}

static inline void bed_destroy(struct bed *b)
{
	sem_destroy(&b->permits);
}

static inline void bed_sleep(struct bed *b)
{
	while (sem_wait(&b->permits))
		; /* EINTR */
}

static inline unsigned bed_grant(struct bed *b, unsigned n)
{
	while (n--)
		sem_post(&b->permits);
	return 0; /* they have been woken */
}

static inline void bed_wake(struct bed *b, unsigned n)
{
	(void)b, (void)n;
}

static inline bool spin_turn(unsigned *turns)
{
	(void)turns;
	return false;
}

enum { SLOTS = 64 };

static struct slot {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
} slots[SLOTS] = { [0 ... SLOTS - 1] = { PTHREAD_MUTEX_INITIALIZER,
					 PTHREAD_COND_INITIALIZER } };

static struct slot *slot_of(const _Atomic uint32_t *word)
{
	uintptr_t address = (uintptr_t)word;

	return &slots[(address >> 6 ^ address >> 12) % SLOTS];
}

static int word_wait(const _Atomic uint32_t *word, uint32_t value,
		     uint64_t deadline)
{
	struct slot *s = slot_of(word);
	int r = SYNC_OK;

	/* [G] */
	pthread_mutex_lock(&s->mutex);
	while (r == SYNC_OK &&
	       atomic_load_explicit(word, memory_order_relaxed) == value)
		r = posix_cond_timedwait(&s->changed, &s->mutex, deadline);
	pthread_mutex_unlock(&s->mutex);
	return r;
}

static void word_wake(const _Atomic uint32_t *word)
{
	struct slot *s = slot_of(word);

	/* [G]; after the unlock nobody can miss the broadcast */
	pthread_mutex_lock(&s->mutex);
	pthread_mutex_unlock(&s->mutex);
	pthread_cond_broadcast(&s->changed);
}

#include "_pool.h"

REGISTER_EXECUTOR(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "mutex, semaphore and shared condition variables",
		.source = "POSIX.1-2017",
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
