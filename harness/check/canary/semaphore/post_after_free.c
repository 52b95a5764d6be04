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
 * Explored by: freed_after_acquire (deadlock)
 */
#include "_counted.h"

struct semaphore {
	struct counted permits;
	_Atomic uint32_t waiters;
};

static int init(void *semaphore, unsigned initial, unsigned bound)
{
	struct semaphore *s = semaphore;

	atomic_init(&s->waiters, 0);
	return counted_init(&s->permits, initial, bound);
}

static int timedacquire(void *semaphore, uint64_t deadline)
{
	struct semaphore *s = semaphore;
	int r = 0;

	while (counted_tryacquire(s)) {
		if (r == ETIMEDOUT)
			return SYNC_TIMEOUT;
		/* seq_cst: before the look at the count, as in release */
		atomic_fetch_add_explicit(&s->waiters, 1, memory_order_seq_cst);
		r = futex_wait(&s->permits.count, 0, deadline);
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
	uint32_t count =
		atomic_load_explicit(&s->permits.count, memory_order_relaxed);

	do {
		if (n > counted_most(&s->permits) - count)
			return SYNC_OVERFLOW;
		/* seq_cst: before the look at the waiters */
	} while (!atomic_compare_exchange_weak_explicit(
		&s->permits.count, &count, count + n, memory_order_seq_cst,
		memory_order_relaxed));
#if BROKEN
	if (!atomic_load_explicit(&s->waiters, memory_order_seq_cst))
		return SYNC_OK;
#endif
	counted_wake(&s->permits, n);
	return SYNC_OK;
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
	.tryacquire = counted_tryacquire,
	.timedacquire = timedacquire,
	.release = release,
	.value = counted_value);
