/* SPDX-License-Identifier: MIT */
/*
 * A once of three states; those who come while it runs spin.
 *
 * Source: D. Schmidt and T. Harrison, "Double-Checked Locking" (PLoP 1996),
 * with the acquire and the release that it lacked.
 *
 * State  NEW      not yet called, or failed so far
 *        RUNNING  the function runs
 *        DONE     it has run, for good
 *
 * Edges  [A] acquire load of DONE pairs with [B]
 *        [B] release store of DONE pairs with [A]
 *        [C] acquire of NEW by the compare-exchange pairs with [D]: who tries
 *            again sees what the failed function has done
 *        [D] release store of NEW pairs with [C]
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

/* It runs no more. */
static void end(struct spin *o, uint32_t state)
{
	/* [B] or [D] */
	atomic_store_explicit(&o->state, state, memory_order_release);
}

static void abandon(void *once)
{
	end(once, NEW);
}

static COLD int attempt_slow(struct spin *o, int (*function)(void *),
			     void *argument)
{
	struct spinner s = { 0 };
	uint32_t state = NEW;
	int result;

	/* [C] */
	while (!atomic_compare_exchange_weak_explicit(
		&o->state, &state, RUNNING, memory_order_acquire,
		memory_order_relaxed)) {
		/* a look before each try: waiters share the line */
		do {
			if (done(o))
				return SYNC_OK;
			spin_once(&s, DEADLINE_NEVER);
			state = atomic_load_explicit(&o->state,
						     memory_order_relaxed);
		} while (state != NEW);
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
		.name = "spin",
		.family = SPIN,
		.brief = "three states, yields when it waits long",
		.source = "Schmidt and Harrison, PLoP 1996",
		.size = sizeof(struct spin),
	},
	.call = call,
	.attempt = attempt,
	.abandon = abandon,
	.done = done);
