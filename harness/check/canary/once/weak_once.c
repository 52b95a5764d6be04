/* SPDX-License-Identifier: MIT */
/*
 * A futex once that ends by a weak compare-exchange and takes its failure for
 * the news that somebody sleeps; but it may fail for no reason, on machines
 * with load-linked and store-conditional. Then the second one, strong, waits
 * for a state that never comes, and all later callers with it.
 *
 * Bug:       once-weak-once
 * Source:    asyncband pull request 126 (2026), "retry spurious CAS failures in
 *            Once"
 * Scenario:  one call, whose weak compare-exchange fails spuriously
 * Violation: the state stays at "running": deadlock. Never on x86,
 *            where the weak one is the strong one, unless somebody makes it
 * Caught by: perturb
 * Explored by: call_2 (deadlock) with --weak-fails
 */
#include "../../../../primitives/once.h"
#include "../canary.h"

enum { NEW, RUNNING, AWAITED, DONE };

struct once {
	_Atomic uint32_t state;
};

static bool done(void *once)
{
	struct once *o = once;

	/* [A] */
	return atomic_load_explicit(&o->state, memory_order_acquire) == DONE;
}

/* Does anybody sleep? */
static bool settle(struct once *o)
{
#if BROKEN
	uint32_t state = RUNNING;

	/* pairs with [A], both */
	if (atomic_compare_exchange_weak_explicit(&o->state, &state, DONE,
						  memory_order_release,
						  memory_order_relaxed))
		return false;
	state = AWAITED;
	return atomic_compare_exchange_strong_explicit(&o->state, &state, DONE,
						       memory_order_release,
						       memory_order_relaxed);
#else
	/* pairs with [A] */
	return atomic_exchange_explicit(&o->state, DONE,
					memory_order_release) == AWAITED;
#endif
}

static bool claim(struct once *o)
{
	uint32_t state = NEW;

	return atomic_compare_exchange_strong_explicit(&o->state, &state,
						       RUNNING,
						       memory_order_relaxed,
						       memory_order_relaxed);
}

/* Say so before: the one who ends wakes only whom it knows of. */
static void await(struct once *o)
{
	uint32_t state = RUNNING;

	atomic_compare_exchange_strong_explicit(&o->state, &state, AWAITED,
						memory_order_relaxed,
						memory_order_relaxed);
	if (state != DONE)
		futex_wait(&o->state, AWAITED, DEADLINE_NEVER);
}

static void call(void *once, void (*function)(void *), void *argument)
{
	struct once *o = once;

	if (claim(o)) {
		function(argument);
		if (settle(o))
			futex_wake_all(&o->state);
		return;
	}
	while (!done(o))
		await(o);
}

REGISTER_ONCE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a weak compare-exchange tried once"),
		.source = "asyncband pull request 126",
		.unsupported = "a canary without a form that fails",
		.size = sizeof(struct once),
	},
	.call = call,
	.done = done);
