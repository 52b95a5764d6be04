/* SPDX-License-Identifier: MIT */
/*
 * An event whose word says whether somebody sleeps, so that most sets need no
 * system call: who times out wipes that out, and others sleep still.
 *
 * Repaired, the mark stays until the next set, which may wake nobody.
 *
 * Bug:       event-timeout-forgets-waiters
 * Source:    planted
 * Scenario:  A waits; B waits and times out; a set; A must return
 * Violation: lost wake-up
 * Caught by: laws, perturb, preempt, tsan-clang
 * Explored by: timeout_takes_no_wake (deadlock)
 */
#include "../../../../primitives/event.h"
#include "../canary.h"

/* The flag, the mark of sleepers, and how often the flag has gone up. */
enum { SET = 1, SLEEPERS = 2, GENERATION = 4 };

struct event {
	_Atomic uint32_t word;
};

static uint32_t look(struct event *e)
{
	return atomic_load_explicit(&e->word, memory_order_acquire);
}

/* Has the flag gone up since a waiter found it down? */
static bool released(uint32_t word, uint32_t first)
{
	return (word ^ first) & ~(uint32_t)SLEEPERS;
}

static bool mark(struct event *e, uint32_t *word)
{
	return (*word & SLEEPERS) ||
	       atomic_compare_exchange_weak_explicit(&e->word, word,
						     *word | SLEEPERS,
						     memory_order_acquire,
						     memory_order_acquire);
}

/* Nobody came. */
static int give_up(struct event *e, uint32_t word)
{
#if BROKEN
	atomic_compare_exchange_strong_explicit(&e->word, &word,
						word & ~(uint32_t)SLEEPERS,
						memory_order_relaxed,
						memory_order_relaxed);
#else
	(void)e, (void)word;
#endif
	return SYNC_TIMEOUT;
}

static int timedwait(void *event, uint64_t deadline)
{
	struct event *e = event;
	uint32_t first = look(e), word = first;
	int r = 0;

	if (first & SET)
		return SYNC_OK;
	while (!released(word, first)) {
		if (r == ETIMEDOUT)
			return give_up(e, word);
		if (!mark(e, &word))
			continue;
		r = futex_wait(&e->word, word | SLEEPERS, deadline);
		word = look(e);
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
		next = old & SET ? old : (old + GENERATION) | SET;
		next &= ~(uint32_t)SLEEPERS;
	} while (!atomic_compare_exchange_weak_explicit(&e->word, &old, next,
							memory_order_release,
							memory_order_relaxed));
	if (old & SLEEPERS)
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
	return look(event) & SET;
}

REGISTER_EVENT(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("who times out wipes out the mark of sleepers"),
		.source = "planted",
		.size = sizeof(struct event),
	},
	.set = set,
	.clear = clear,
	.is_set = is_set,
	.wait = wait,
	.timedwait = timedwait);
