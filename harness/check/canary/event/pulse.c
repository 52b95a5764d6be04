/* SPDX-License-Identifier: MIT */
/*
 * A manual-reset event whose waiters look for the flag alone: one that was
 * woken finds it down again after a clear, and goes back to sleep.
 *
 * Bug:       pub-event-pulse
 * Source:    R. Chen, "PulseEvent is fundamentally flawed" (2005)
 * Scenario:  a waiter asleep; set, clear, and nobody sets again
 * Violation: lost wake-up
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: none: no client can know that another one sleeps already
 */
#include "../../../../primitives/event.h"
#include "../canary.h"

/* The flag, and above it how often it has gone up. */
enum { SET = 1, GENERATION = 2 };

struct pulse {
	_Atomic uint32_t word;
};

/* May a waiter that first saw the word `first`, without SET, leave? */
static bool released(uint32_t word, uint32_t first)
{
#if BROKEN
	(void)first;
	return word & SET;
#else
	return word != first;
#endif
}

static int timedwait(void *event, uint64_t deadline)
{
	struct pulse *e = event;
	uint32_t first = atomic_load_explicit(&e->word, memory_order_acquire);
	uint32_t word = first;
	int r = 0;

	if (first & SET)
		return SYNC_OK;
	while (!released(word, first)) {
		if (r == ETIMEDOUT)
			return SYNC_TIMEOUT;
		r = futex_wait(&e->word, word, deadline);
		word = atomic_load_explicit(&e->word, memory_order_acquire);
	}
	return SYNC_OK;
}

static void wait(void *event)
{
	timedwait(event, DEADLINE_NEVER);
}

static void set(void *event)
{
	struct pulse *e = event;
	uint32_t old = atomic_load_explicit(&e->word, memory_order_relaxed);
	uint32_t next;

	do {
		next = old & SET ? old : (old + GENERATION) | SET;
	} while (!atomic_compare_exchange_weak_explicit(&e->word, &old, next,
							memory_order_release,
							memory_order_relaxed));
	if (!(old & SET))
		futex_wake_all(&e->word);
}

static void clear(void *event)
{
	struct pulse *e = event;

	atomic_fetch_and_explicit(&e->word, ~(uint32_t)SET,
				  memory_order_acquire);
}

static bool is_set(void *event)
{
	struct pulse *e = event;

	return atomic_load_explicit(&e->word, memory_order_acquire) & SET;
}

REGISTER_EVENT(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("waiters look for the flag alone"),
		.source = "R. Chen 2005",
		.size = sizeof(struct pulse),
	},
	.set = set,
	.clear = clear,
	.is_set = is_set,
	.wait = wait,
	.timedwait = timedwait);
