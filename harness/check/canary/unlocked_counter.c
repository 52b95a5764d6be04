/* SPDX-License-Identifier: MIT */
/*
 * A counter that many threads add to without any lock: load, add, store; now
 * and then another thread is let run in between.
 *
 * Must be caught by the law of lost updates, by ThreadSanitizer as a data race,
 * and by the verification of every scenario that counts.
 */
#include "../../../primitives/counter.h"

struct plain {
	volatile uint64_t value; /* volatile, or the loop becomes one add */
};

static inline void add(void *counter, uint64_t n)
{
	static _Thread_local unsigned adds;
	struct plain *c = counter;
	uint64_t value = c->value;

	/* so that others run in between, on the busiest machine too */
	if (++adds % 1024 == 0)
		sched_yield();
	c->value = value + n;
}

static uint64_t read_value(void *counter)
{
	struct plain *c = counter;

	return c->value;
}

REGISTER_COUNTER(
	.id = {
		.name = "canary_unlocked",
		.brief = "broken: adds are not atomic",
		.source = "planted",
		.size = sizeof(struct plain),
	},
	.add = add,
	.read = read_value);
