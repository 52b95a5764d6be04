/* SPDX-License-Identifier: MIT */
/*
 * A counter of two words, whose adds are serialized and whose reads are not: a
 * read that comes between the lower word's wrap and its carry is 2^32 too low.
 *
 * Bug:       counter-torn-halves
 * Source:    Zephyr issue 31599 (2021), "64 bit race on timer counter"; the
 *            same of a node count in the review of Stockfish pull request 1130
 * Scenario:  one adds 2^31 twice, another one reads
 * Violation: a read smaller than an earlier one
 * Caught by: perturb, preempt
 * Explored by: carry (assertion)
 */
#include <pthread.h>

#include "../../../../primitives/counter.h"
#include "../canary.h"

struct counter {
	pthread_mutex_t mutex; /* all-zero is valid on Linux */
	_Atomic uint32_t low, high;
};

static void add(void *counter, uint64_t n)
{
	struct counter *c = counter;
	uint32_t low = (uint32_t)n;

	pthread_mutex_lock(&c->mutex);
	/* [A] */
	low += atomic_fetch_add_explicit(&c->low, low, memory_order_release);
	/* [A] */
	atomic_fetch_add_explicit(&c->high,
				  (uint32_t)(n >> 32) + (low < (uint32_t)n),
				  memory_order_release);
	pthread_mutex_unlock(&c->mutex);
}

static uint64_t look(struct counter *c)
{
	/* pairs with [A], both */
	uint64_t high = atomic_load_explicit(&c->high, memory_order_acquire);

	return high << 32 | atomic_load_explicit(&c->low, memory_order_acquire);
}

static uint64_t read_value(void *counter)
{
	struct counter *c = counter;
#if BROKEN
	return look(c);
#else
	uint64_t value;

	pthread_mutex_lock(&c->mutex);
	value = look(c);
	pthread_mutex_unlock(&c->mutex);
	return value;
#endif
}

REGISTER_COUNTER(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("reads its halves without the lock"),
		.source = "Zephyr issue 31599",
		.flags = IMPL_LARGE,
		.size = sizeof(struct counter),
	},
	.add = add,
	.read = read_value);
