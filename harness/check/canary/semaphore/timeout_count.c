/* SPDX-License-Identifier: MIT */
/*
 * A counter in front of a kernel semaphore: below zero it counts waiters, and a
 * waiter that times out leaves without counting itself out.
 *
 * Who times out and finds the counter at zero or above has been counted out by
 * a release already: its token is there, or is on its way.
 *
 * Bug:       pub-sem-timeout-count
 * Source:    J. Preshing's LightweightSemaphore before its timed wait was
 *            repaired (rDSN PR 45; cameron314/concurrentqueue PR 101)
 * Scenario:  a timed acquire that expires; release; tryacquire must succeed
 * Violation: wrong count
 * Caught by: all
 * Explored by: late_beside_release (assertion)
 */
#include "../../../../primitives/semaphore.h"
#include "../canary.h"

struct semaphore {
	_Atomic int32_t count;	 /* permits, or below zero waiters */
	_Atomic uint32_t tokens; /* the kernel semaphore: given to waiters */
	uint32_t most;
};

static int init(void *semaphore, unsigned initial, unsigned bound)
{
	struct semaphore *s = semaphore;

	if (initial > SEMAPHORE_MAX || (bound && initial > bound))
		return SYNC_INVALID;
	s->most = bound < SEMAPHORE_MAX ? bound : SEMAPHORE_MAX;
	atomic_init(&s->count, (int32_t)initial);
	atomic_init(&s->tokens, 0);
	return SYNC_OK;
}

static bool take_token(struct semaphore *s)
{
	uint32_t n = atomic_load_explicit(&s->tokens, memory_order_relaxed);

	while (n)
		if (atomic_compare_exchange_weak_explicit(&s->tokens, &n, n - 1,
							  memory_order_acquire,
							  memory_order_relaxed))
			return true;
	return false;
}

static bool await_token(struct semaphore *s, uint64_t deadline)
{
	while (!take_token(s))
		if (futex_wait(&s->tokens, 0, deadline) == ETIMEDOUT)
			return take_token(s);
	return true;
}

/* true: nobody has given us a token, nor will. */
static bool count_out(struct semaphore *s)
{
#if !BROKEN
	int32_t count = atomic_load_explicit(&s->count, memory_order_relaxed);

	do {
		if (count >= 0)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(
		&s->count, &count, count + 1, memory_order_relaxed,
		memory_order_relaxed));
#endif
	(void)s;
	return true;
}

static int timedacquire(void *semaphore, uint64_t deadline)
{
	struct semaphore *s = semaphore;

	if (atomic_fetch_sub_explicit(&s->count, 1, memory_order_acquire) > 0)
		return SYNC_OK;
	/* a latecomer may take the token that is on its way: look again */
	while (!await_token(s, deadline))
		if (count_out(s))
			return SYNC_TIMEOUT;
	return SYNC_OK;
}

static void acquire(void *semaphore)
{
	timedacquire(semaphore, DEADLINE_NEVER);
}

static int tryacquire(void *semaphore)
{
	struct semaphore *s = semaphore;
	int32_t count = atomic_load_explicit(&s->count, memory_order_relaxed);

	while (count > 0)
		if (atomic_compare_exchange_weak_explicit(
			    &s->count, &count, count - 1, memory_order_acquire,
			    memory_order_relaxed))
			return SYNC_OK;
	return SYNC_BUSY;
}

static int release(void *semaphore, unsigned n)
{
	struct semaphore *s = semaphore;
	int32_t count = atomic_load_explicit(&s->count, memory_order_relaxed);
	uint32_t most = s->most ? s->most : SEMAPHORE_MAX;
	uint32_t tokens;

	do {
		if (n > most - (count > 0 ? (uint32_t)count : 0))
			return SYNC_OVERFLOW;
	} while (!atomic_compare_exchange_weak_explicit(
		&s->count, &count, (int32_t)(count + (int64_t)n),
		memory_order_release, memory_order_relaxed));
	if (count >= 0 || n == 0)
		return SYNC_OK;
	tokens = n < (uint32_t)-count ? n : (uint32_t)-count;
	atomic_fetch_add_explicit(&s->tokens, tokens, memory_order_release);
	futex_wake(&s->tokens, (int)tokens);
	return SYNC_OK;
}

static unsigned value(void *semaphore)
{
	struct semaphore *s = semaphore;
	int32_t count = atomic_load_explicit(&s->count, memory_order_relaxed);

	return count > 0 ? (unsigned)count : 0;
}

REGISTER_SEMAPHORE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("who times out stays counted"),
		.source = "rDSN PR 45",
		.size = sizeof(struct semaphore),
	},
	.init = init,
	.acquire = acquire,
	.tryacquire = tryacquire,
	.timedacquire = timedacquire,
	.release = release,
	.value = value);
