/* SPDX-License-Identifier: MIT */
/*
 * A once of four states; those who come while it runs spin a little and sleep.
 *
 * Source: the states of Drepper's mutex2 ("Futexes Are Tricky", 2011), applied
 * to double-checked initialisation.
 *
 * State  NEW      not yet called, or failed so far
 *        RUNNING  the function runs; nobody sleeps
 *        WAITED   the function runs; somebody sleeps
 *        DONE     it has run, for good
 *
 * Edges  [A] acquire load of DONE pairs with [B]
 *        [B] release of the exchange to DONE pairs with [A]
 *        [C] acquire of NEW by the compare-exchange pairs with [D]: who tries
 *            again sees what the failed function has done
 *        [D] release of the exchange to NEW pairs with [C]
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
enum { SPIN_TURNS = TURNS(100) };

static inline bool done(void *once)
{
	struct futex *o = once;

	/* [A] */
	return atomic_load_explicit(&o->state, memory_order_acquire) == DONE;
}

/* Until it runs no more; is it done? */
static bool await_end(struct futex *o)
{
	uint32_t state;

	for (int i = 0;; i++) {
		/* [A] */
		state = atomic_load_explicit(&o->state, memory_order_acquire);
		if (state == DONE || state == NEW)
			return state == DONE;
		if (i < SPIN_TURNS) {
			cpu_relax();
			continue;
		}
		/* relaxed: it publishes nothing */
		if (state == WAITED ||
		    atomic_compare_exchange_strong_explicit(
			    &o->state, &state, WAITED, memory_order_relaxed,
			    memory_order_relaxed))
			futex_wait(&o->state, WAITED, DEADLINE_NEVER);
	}
}

/* It runs no more. */
static void end(struct futex *o, uint32_t state)
{
	/* [B] or [D]; from here on the address is only a key for the wake */
	if (atomic_exchange_explicit(&o->state, state, memory_order_release) ==
	    WAITED)
		futex_wake_all(&o->state);
}

static void abandon(void *once)
{
	end(once, NEW);
}

static COLD int attempt_slow(struct futex *o, int (*function)(void *),
			     void *argument)
{
	uint32_t state = NEW;
	int result;

	/* [C] */
	while (!atomic_compare_exchange_strong_explicit(
		&o->state, &state, RUNNING, memory_order_acquire,
		memory_order_relaxed)) {
		if (await_end(o))
			return SYNC_OK;
		state = NEW;
	}
	result = function(argument);
	end(o, result ? NEW : DONE);
	return result;
}

static inline int attempt(void *once, int (*function)(void *), void *argument)
{
	return likely(done(once)) ? SYNC_OK
				  : attempt_slow(once, function, argument);
}

/* A function that cannot fail, and its argument. */
struct sure {
	void (*function)(void *);
	void *argument;
};

static int succeed(void *sure)
{
	struct sure *s = sure;

	s->function(s->argument);
	return SYNC_OK;
}

static inline void call(void *once, void (*function)(void *), void *argument)
{
	if (unlikely(!done(once)))
		attempt_slow(once, succeed,
			     &(struct sure){ function, argument });
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
	.attempt = attempt,
	.abandon = abandon,
	.done = done);
