/* SPDX-License-Identifier: MIT */
/*
 * A futex semaphore over a wait that takes its timeout from now on: each time
 * that it is woken in vain it waits the whole time again.
 *
 * Bug:       semaphore-timeout-restarts
 * Source:    citra-emu/citra issue 1307 (2015), "Waiting on a
 *            WaitSynchronization with timeout will reset the timeout each time
 *            the thread is awakened"; the same in the review of RIOT-OS/RIOT
 *            pull request 4110 (2015)
 * Scenario:  a timed acquire; signals, or permits that others take first, come
 *            more often than its time is long
 * Violation: it does not end
 * Caught by: laws, faults, perturb
 * Explored by: none: no signals there, and a deadline that passes does so
 */
#include "_counted.h"

static int timedacquire(void *semaphore, uint64_t deadline)
{
	struct counted *s = semaphore;
	uint64_t now = now_ns(), timeout = deadline > now ? deadline - now : 0;
	int r = 0;

	while (counted_tryacquire(s)) {
		if (r == ETIMEDOUT)
			return SYNC_TIMEOUT;
#if BROKEN
		deadline = deadline_in(timeout);
#endif
		(void)timeout;
		r = futex_wait(&s->count, 0, deadline);
	}
	return SYNC_OK;
}

static void acquire(void *semaphore)
{
	struct counted *s = semaphore;

	while (counted_tryacquire(s))
		futex_wait(&s->count, 0, DEADLINE_NEVER);
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
	counted_wake(s, n);
	return SYNC_OK;
}

REGISTER_SEMAPHORE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("each wake-up starts the time anew"),
		.source = "citra issue 1307",
		.size = sizeof(struct counted),
	},
	.init = counted_init,
	.acquire = acquire,
	.tryacquire = counted_tryacquire,
	.timedacquire = timedacquire,
	.release = release,
	.value = counted_value);
