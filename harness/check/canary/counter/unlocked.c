/* SPDX-License-Identifier: MIT */
/*
 * A counter that many threads add to without any lock: load, add, store; now
 * and then another thread is let run in between. Every scenario that counts has
 * to find it as well.
 *
 * Bug:       unlocked-counter
 * Source:    planted
 * Scenario:  two threads, one add each
 * Violation: wrong count, data race
 * Caught by: all
 * Explored by: adds_2 (data race)
 */
#include "../../../../primitives/counter.h"
#include "../canary.h"

struct plain {
#if BROKEN
	volatile uint64_t value; /* volatile, or the loop becomes one add */
#else
	_Atomic uint64_t value;
#endif
};

static inline void add(void *counter, uint64_t n)
{
	static _Thread_local unsigned adds;
	struct plain *c = counter;
#if BROKEN
	uint64_t value = c->value;
#endif

	/* so that others run in between, on the busiest machine too */
	if (++adds % 1024 == 0)
		sched_yield();
#if BROKEN
	c->value = value + n;
#else
	atomic_fetch_add_explicit(&c->value, n, memory_order_release);
#endif
}

static uint64_t read_value(void *counter)
{
	struct plain *c = counter;

#if BROKEN
	return c->value;
#else
	return atomic_load_explicit(&c->value, memory_order_acquire);
#endif
}

REGISTER_COUNTER(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("adds are not atomic"),
		.source = "planted",
		.size = sizeof(struct plain),
	},
	.add = add,
	.read = read_value);
