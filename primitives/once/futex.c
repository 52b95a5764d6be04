/* SPDX-License-Identifier: MIT */
/*
 * A once of four states; those who come while it runs spin a little and sleep.
 *
 * Source: the states of Drepper's mutex2 ("Futexes Are Tricky", 2011), applied
 * to double-checked initialisation.
 *
 * State  NEW      not yet called
 *        RUNNING  the function runs; nobody sleeps
 *        WAITED   the function runs; somebody sleeps
 *        DONE     it has run, for good
 *
 * Edges  [A] acquire load of DONE pairs with [B]
 *        [B] release of the exchange to DONE pairs with [A]
 *
 * Progress: waiters park until the function has returned.
 * Costs: one load once done; two read-modify-writes the first time, a
 * FUTEX_WAKE only if somebody sleeps. Loses to nothing on the fast path.
 */
#include "../once.h"

enum { NEW, RUNNING, WAITED, DONE };

struct futex {
	_Atomic uint32_t state;
};

/* About what a sleep and a wake-up cost, as in mutex/futex.c. */
enum { SPIN_TURNS = 100 };

static inline bool done(void *once)
{
	struct futex *o = once;

	/* [A] */
	return atomic_load_explicit(&o->state, memory_order_acquire) == DONE;
}

static void await_done(struct futex *o)
{
	for (int i = 0; i < SPIN_TURNS; i++) {
		if (done(o))
			return;
		cpu_relax();
	}
	while (!done(o)) {
		uint32_t state = RUNNING;

		/* relaxed: it publishes nothing */
		if (atomic_compare_exchange_strong_explicit(
			    &o->state, &state, WAITED, memory_order_relaxed,
			    memory_order_relaxed) ||
		    state == WAITED)
			futex_wait(&o->state, WAITED, DEADLINE_NEVER);
	}
}

static COLD void call_slow(struct futex *o, void (*function)(void *),
			   void *argument)
{
	uint32_t state = NEW;

	/* relaxed: nothing has happened yet that the function must see */
	if (!atomic_compare_exchange_strong_explicit(&o->state, &state, RUNNING,
						     memory_order_relaxed,
						     memory_order_relaxed)) {
		await_done(o);
		return;
	}
	function(argument);
	/* [B]; from here on the address is only a key for the wake */
	if (atomic_exchange_explicit(&o->state, DONE, memory_order_release) ==
	    WAITED)
		futex_wake_all(&o->state);
}

static inline void call(void *once, void (*function)(void *), void *argument)
{
	if (unlikely(!done(once)))
		call_slow(once, function, argument);
}

REGISTER_ONCE(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "four states, bounded spin, wakes only sleepers",
		.source = "after Drepper, Futexes Are Tricky (2011)",
		.size = sizeof(struct futex),
	},
	.call = call,
	.done = done);
