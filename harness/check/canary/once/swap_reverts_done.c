/* SPDX-License-Identifier: MIT */
/*
 * A futex once that claims by an exchange: a caller that comes as the function
 * ends turns "done" back into "running", sees what it has done and restores it,
 * without a wake. Who falls asleep in between sleeps for ever.
 *
 * Bug:       once-swap-reverts-done
 * Source:    musl commit 0d0c2f40 (2014), "fix deadlock race in pthread_once"
 * Scenario:  three threads call it, two of them as the function ends
 * Violation: deadlock
 */
#include "../../../../primitives/once.h"
#include "../canary.h"

enum { NEW, RUNNING, DONE };

struct once {
	_Atomic uint32_t state;
	_Atomic uint32_t waiters;
};

static bool done(void *once)
{
	struct once *o = once;

	/* [A] */
	return atomic_load_explicit(&o->state, memory_order_acquire) == DONE;
}

/* The state before; NEW: the caller has to run the function. */
static uint32_t claim(struct once *o)
{
#if BROKEN
	uint32_t state = atomic_exchange_explicit(&o->state, RUNNING,
						  memory_order_acq_rel);

	if (state == DONE)
		atomic_store_explicit(&o->state, DONE, memory_order_release);
#else
	uint32_t state = NEW;

	/* [A] */
	atomic_compare_exchange_strong_explicit(&o->state, &state, RUNNING,
						memory_order_acquire,
						memory_order_acquire);
#endif
	return state;
}

static void call(void *once, void (*function)(void *), void *argument)
{
	struct once *o = once;
	uint32_t state;

	if (done(o))
		return;
	while ((state = claim(o)) == RUNNING) {
		atomic_fetch_add_explicit(&o->waiters, 1, memory_order_seq_cst);
		futex_wait(&o->state, RUNNING, DEADLINE_NEVER);
		atomic_fetch_sub_explicit(&o->waiters, 1, memory_order_relaxed);
	}
	if (state == DONE)
		return;
	function(argument);
	/* pairs with [A]; seq_cst with the waiters, who count first and let the
	 * kernel look second */
	atomic_exchange_explicit(&o->state, DONE, memory_order_seq_cst);
	if (atomic_load_explicit(&o->waiters, memory_order_seq_cst))
		futex_wake_all(&o->state);
}

REGISTER_ONCE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a late claim reverts the state"),
		.source = "musl commit 0d0c2f40",
		.unsupported = "a canary without a form that fails",
		.size = sizeof(struct once),
	},
	.call = call,
	.done = done);
