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
 */
#include "../../../../primitives/semaphore.h"
#include "../canary.h"

struct semaphore {
	_Atomic uint32_t count;
	uint32_t most;
};

static int init(void *semaphore, unsigned initial, unsigned bound)
{
	struct semaphore *s = semaphore;

	if (initial > SEMAPHORE_MAX || (bound && initial > bound))
		return SYNC_INVALID;
	s->most = bound < SEMAPHORE_MAX ? bound : SEMAPHORE_MAX;
	atomic_init(&s->count, initial);
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
	struct semaphore *s = semaphore;
	uint32_t count = atomic_load_explicit(&s->count, memory_order_relaxed);
	uint32_t most = s->most ? s->most : SEMAPHORE_MAX;

	do {
		if (n > most - count)
			return SYNC_OVERFLOW;
	} while (!atomic_compare_exchange_weak_explicit(
		&s->count, &count, count + n, memory_order_release,
		memory_order_relaxed));
#if BROKEN
	if (count > 0)
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
		.brief = CANARY_BRIEF("only the first of two releases wakes"),
		.source = "LLVM issue 46357",
		.size = sizeof(struct semaphore),
	},
	.init = init,
	.acquire = acquire,
	.tryacquire = tryacquire,
	.timedacquire = timedacquire,
	.release = release,
	.value = value);
