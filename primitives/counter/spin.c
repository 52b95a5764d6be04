/* SPDX-License-Identifier: MIT */
/*
 * A plain number under a test-and-test-and-set spinlock.
 *
 * Source: the lock of L. Rudolph and Z. Segall (ISCA 1984), as in mutex/spin.c.
 *
 * State  0 free, 1 held
 *
 * Edges  [A] acquire of the exchange that takes the word pairs with [B]
 *        [B] release store that frees the word pairs with [A]
 *
 * Progress: barging; yields when it waits long, never sleeps.
 * Costs: one read-modify-write and one store an add or a read. Loses to
 * atomic.c: the line of the lock and of the number is as contended, and longer.
 */
#include "../counter.h"

struct spin {
	_Atomic uint32_t held;
	uint64_t value;
};

static ALWAYS_INLINE bool take(struct spin *c)
{
	/* [A] */
	return !atomic_exchange_explicit(&c->held, 1, memory_order_acquire);
}

static COLD void lock_slow(struct spin *c)
{
	struct spinner s = { 0 };

	do {
		/* load before the exchange: spinning keeps the line shared */
		while (atomic_load_explicit(&c->held, memory_order_relaxed))
			spin_once(&s, DEADLINE_NEVER);
	} while (!take(c));
}

static ALWAYS_INLINE void lock(struct spin *c)
{
	if (unlikely(!take(c)))
		lock_slow(c);
}

static ALWAYS_INLINE void unlock(struct spin *c)
{
	/* [B] */
	atomic_store_explicit(&c->held, 0, memory_order_release);
}

static inline void add(void *counter, uint64_t n)
{
	struct spin *c = counter;

	lock(c);
	c->value += n;
	unlock(c);
}

static uint64_t read_(void *counter)
{
	struct spin *c = counter;
	uint64_t value;

	lock(c);
	value = c->value;
	unlock(c);
	return value;
}

REGISTER_COUNTER(
	.id = {
		.name = "spin",
		.family = SPIN,
		.brief = "a plain number under a spinlock that yields",
		.source = "Rudolph and Segall, ISCA 1984",
		.size = sizeof(struct spin),
	},
	.add = add,
	.read = read_);
