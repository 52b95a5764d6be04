/* SPDX-License-Identifier: MIT */
/*
 * A futex semaphore whose release looks for waiters after it has given the
 * permit, when the one who took it may have destroyed the semaphore.
 *
 * The repaired one does not look, and wakes: that needs only the address.
 *
 * Bug:       pub-sem-post-after-free
 * Source:    glibc bug 12674, commit 042e1521c7 (2015); musl 88c4e720
 * Scenario:  a semaphore on the heap; acquire and free it; release once
 * Violation: use after free
 * Caught by: perturb, tsan-gcc, tsan-clang
 */
#include "../../../../primitives/semaphore.h"
#include "../canary.h"

struct semaphore {
	_Atomic uint32_t count;
	_Atomic uint32_t waiters;
	uint32_t most;
};

static int init(void *semaphore, unsigned initial, unsigned bound)
{
	struct semaphore *s = semaphore;

	if (initial > SEMAPHORE_MAX || (bound && initial > bound))
		return SYNC_INVALID;
	s->most = bound < SEMAPHORE_MAX ? bound : SEMAPHORE_MAX;
	atomic_init(&s->count, initial);
	atomic_init(&s->waiters, 0);
	return SYNC_OK;
}

static int tryacquire(void *semaphore)
{
	struct semaphore *s = semaphore;
	uint32_t count = atomic_load_explicit(&s->count, memory_order_relaxed);

	while (count)
		if (atomic_compare_exchange_weak_explicit(
			    &s->count, &count, count - 1, memory_order_acquire,
			    memory_order_relaxed))
			return SYNC_OK;
	return SYNC_BUSY;
}

static int timedacquire(void *semaphore, uint64_t deadline)
{
	struct semaphore *s = semaphore;
	int r = 0;

	while (tryacquire(s)) {
		if (r == ETIMEDOUT)
			return SYNC_TIMEOUT;
		/* seq_cst: before the look at the count, as in release */
		atomic_fetch_add_explicit(&s->waiters, 1, memory_order_seq_cst);
		r = futex_wait(&s->count, 0, deadline);
		atomic_fetch_sub_explicit(&s->waiters, 1, memory_order_relaxed);
	}
	return SYNC_OK;
}

static void acquire(void *semaphore)
{
	timedacquire(semaphore, DEADLINE_NEVER);
}

static int release(void *semaphore, unsigned n)
{
	struct semaphore *s = semaphore;
	uint32_t count = atomic_load_explicit(&s->count, memory_order_relaxed);
	uint32_t most = s->most ? s->most : SEMAPHORE_MAX;

	do {
		if (n > most - count)
			return SYNC_OVERFLOW;
		/* seq_cst: before the look at the waiters */
	} while (!atomic_compare_exchange_weak_explicit(
		&s->count, &count, count + n, memory_order_seq_cst,
		memory_order_relaxed));
#if BROKEN
	if (!atomic_load_explicit(&s->waiters, memory_order_seq_cst))
		return SYNC_OK;
#endif
	futex_wake(&s->count, n < INT_MAX ? (int)n : INT_MAX);
	return SYNC_OK;
}

static unsigned value(void *semaphore)
{
	struct semaphore *s = semaphore;

	return atomic_load_explicit(&s->count, memory_order_relaxed);
}

REGISTER_SEMAPHORE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("release looks for waiters too late"),
		.source = "glibc bug 12674",
		.size = sizeof(struct semaphore),
	},
	.init = init,
	.acquire = acquire,
	.tryacquire = tryacquire,
	.timedacquire = timedacquire,
	.release = release,
	.value = value);
