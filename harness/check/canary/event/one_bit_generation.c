/* SPDX-License-Identifier: MIT */
/*
 * An event that knows of its rounds by a phase, a single bit: a waiter that is
 * slow to wake finds the word as it left it after two rounds, and sleeps on.
 *
 * Bug:       event-one-bit-generation
 * Source:    planted; R. Chen's pulse, mended in a hurry
 * Scenario:  a waiter asleep; set, clear, set, clear, and nobody sets again
 * Violation: lost wake-up
 * Caught by: laws, stress, faults, perturb, preempt, tsan-clang, asan
 * Explored by: none: no client can know that another one sleeps already
 */
#include "../../../../primitives/event.h"
#include "../canary.h"

/* The flag, and above it how often it has gone up, as far as there is room. */
enum { SET = 1, GENERATION = 2 };

#if BROKEN
#define WORD UINT32_C(3)
#else
#define WORD UINT32_MAX
#endif

struct event {
	_Atomic uint32_t word;
};

static int timedwait(void *event, uint64_t deadline)
{
	struct event *e = event;
	uint32_t first = atomic_load_explicit(&e->word, memory_order_acquire);
	int r = 0;

	if (first & SET)
		return SYNC_OK;
	while (atomic_load_explicit(&e->word, memory_order_acquire) == first) {
		if (r == ETIMEDOUT)
			return SYNC_TIMEOUT;
		r = futex_wait(&e->word, first, deadline);
	}
	return SYNC_OK;
}

static void wait(void *event)
{
	timedwait(event, DEADLINE_NEVER);
}

static void set(void *event)
{
	struct event *e = event;
	uint32_t old = atomic_load_explicit(&e->word, memory_order_relaxed);
	uint32_t next;

	do {
		next = old & SET ? old : ((old + GENERATION) | SET) & WORD;
	} while (!atomic_compare_exchange_weak_explicit(&e->word, &old, next,
							memory_order_release,
							memory_order_relaxed));
	if (!(old & SET))
		futex_wake_all(&e->word);
}

static void clear(void *event)
{
	struct event *e = event;

	atomic_fetch_and_explicit(&e->word, ~(uint32_t)SET,
				  memory_order_acquire);
}

static bool is_set(void *event)
{
	struct event *e = event;

	return atomic_load_explicit(&e->word, memory_order_acquire) & SET;
}

REGISTER_EVENT(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a phase for a generation"),
		.source = "planted",
		.size = sizeof(struct event),
	},
	.set = set,
	.clear = clear,
	.is_set = is_set,
	.wait = wait,
	.timedwait = timedwait);
