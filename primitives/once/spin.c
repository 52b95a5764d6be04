/* SPDX-License-Identifier: MIT */
/*
 * A once of three states; those who come while it runs spin.
 *
 * Source: D. Schmidt and T. Harrison, "Double-Checked Locking" (PLoP 1996),
 * with the acquire and the release that it lacked.
 *
 * State  NEW      not yet called
 *        RUNNING  the function runs
 *        DONE     it has run, for good
 *
 * Edges  [A] acquire load of DONE pairs with [B]
 *        [B] release store of DONE pairs with [A]
 *
 * Progress: waiters yield but never sleep until the function has returned.
 * Costs: one load once done; one read-modify-write the first time. Loses when
 * the function takes long: every waiter stays runnable.
 */
#include "../once.h"

enum { NEW, RUNNING, DONE };

struct spin {
	_Atomic uint32_t state;
};

static inline bool done(void *once)
{
	struct spin *o = once;

	/* [A] */
	return atomic_load_explicit(&o->state, memory_order_acquire) == DONE;
}

static COLD void call_slow(struct spin *o, void (*function)(void *),
			   void *argument)
{
	struct spinner s = { 0 };
	uint32_t state = NEW;

	/* relaxed: nothing has happened yet that the function must see */
	if (atomic_compare_exchange_strong_explicit(&o->state, &state, RUNNING,
						    memory_order_relaxed,
						    memory_order_relaxed)) {
		function(argument);
		/* [B] */
		atomic_store_explicit(&o->state, DONE, memory_order_release);
		return;
	}
	while (!done(o))
		spin_once(&s, DEADLINE_NEVER);
}

static inline void call(void *once, void (*function)(void *), void *argument)
{
	if (unlikely(!done(once)))
		call_slow(once, function, argument);
}

REGISTER_ONCE(
	.id = {
		.name = "spin",
		.family = SPIN,
		.brief = "three states, yields when it waits long",
		.source = "Schmidt and Harrison, PLoP 1996",
		.size = sizeof(struct spin),
	},
	.call = call,
	.done = done);
