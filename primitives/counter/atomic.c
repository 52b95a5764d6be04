/* SPDX-License-Identifier: MIT */
/*
 * One atomic number: fetch-and-add.
 *
 * Source: A. Gottlieb et al., "The NYU Ultracomputer" (ISCA 1982).
 *
 * Edges  [A] acquire load in read pairs with [B]
 *        [B] release of the fetch-and-add pairs with [A]. All adds are
 *            read-modify-writes: a read that sees one has its predecessors too.
 *
 * Progress: wait-free. Costs: one read-modify-write an add, one load a read.
 * Loses to sharded.c when several cores add all the time: the line travels.
 */
#include "../counter.h"

struct atomic {
	_Atomic uint64_t value;
};

static inline void add(void *counter, uint64_t n)
{
	struct atomic *c = counter;

	/* [B] */
	atomic_fetch_add_explicit(&c->value, n, memory_order_release);
}

static inline uint64_t read_(void *counter)
{
	struct atomic *c = counter;

	/* [A] */
	return atomic_load_explicit(&c->value, memory_order_acquire);
}

REGISTER_COUNTER(
	.id = {
		.name = "atomic",
		.family = OTHER,
		.brief = "one fetch-and-add",
		.source = "Gottlieb et al., ISCA 1982",
		.size = sizeof(struct atomic),
	},
	.add = add,
	.read = read_);
