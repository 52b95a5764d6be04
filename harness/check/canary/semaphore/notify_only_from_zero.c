/* SPDX-License-Identifier: MIT */
/*
 * A futex semaphore that wakes only when the count leaves zero: a second
 * release before the first woken thread has run wakes nobody.
 *
 * Bug:       pub-sem-notify-only-from-zero
 * Source:    LLVM issue 46357 (2020); glibc 83d87915da (2007)
 * Scenario:  two sleepers; release(1), release(1)
 * Violation: lost wake-up
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: release_twice (deadlock)
 */
#include "_counted.h"

static int timedacquire(void *semaphore, uint64_t deadline)
{
	struct counted *s = semaphore;
	int r = 0;

	while (counted_tryacquire(s)) {
		if (r == ETIMEDOUT)
			return SYNC_TIMEOUT;
		r = futex_wait(&s->count, 0, deadline);
	}
	return SYNC_OK;
}

static void acquire(void *semaphore)
{
	timedacquire(semaphore, DEADLINE_NEVER);
}

static int release(void *semaphore, unsigned n)
{
	struct counted *s = semaphore;
	uint32_t count = atomic_load_explicit(&s->count, memory_order_relaxed);

	do {
		if (n > counted_most(s) - count)
			return SYNC_OVERFLOW;
	} while (!atomic_compare_exchange_weak_explicit(
		&s->count, &count, count + n, memory_order_release,
		memory_order_relaxed));
#if BROKEN
	if (count > 0)
		return SYNC_OK;
#endif
	counted_wake(s, n);
	return SYNC_OK;
}

REGISTER_SEMAPHORE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("only the first of two releases wakes"),
		.source = "LLVM issue 46357",
		.size = sizeof(struct counted),
	},
	.init = counted_init,
	.acquire = acquire,
	.tryacquire = counted_tryacquire,
	.timedacquire = timedacquire,
	.release = release,
	.value = counted_value);
