/* SPDX-License-Identifier: MIT */
/*
 * A plain number under a futex lock: the tutorial's Counter class.
 *
 * Source: the lock of U. Drepper, "Futexes Are Tricky" (2011), section 6, as in
 * mutex/futex.c.
 *
 * State  FREE       nobody is at the number
 *        HELD       somebody is; nobody sleeps
 *        CONTENDED  somebody is; somebody may sleep. May be stale: the price is
 *                   one needless wake.
 *
 * Edges  [A] acquire of the exchange or compare-exchange that takes the word
 *            pairs with [B]
 *        [B] release of the exchange that frees the word pairs with [A]
 *
 * Progress: barging; bounded spin, then sleeps.
 * Costs: two read-modify-writes an add or a read. Loses to atomic.c everywhere:
 * it is what a counter costs that does not know about fetch-and-add.
 */
#include "../counter.h"

enum { FREE, HELD, CONTENDED };

struct futex {
	_Atomic uint32_t word;
	uint64_t value;
};

static ALWAYS_INLINE bool take(struct futex *c)
{
	uint32_t expected = FREE;

	/* [A] */
	return atomic_compare_exchange_strong_explicit(&c->word, &expected,
						       HELD,
						       memory_order_acquire,
						       memory_order_relaxed);
}

static COLD void lock_slow(struct futex *c)
{
	struct backoff b = { 0 };

	while (backoff_once(&b))
		if (atomic_load_explicit(&c->word, memory_order_relaxed) ==
			    FREE &&
		    take(c))
			return;
	/* [A] */
	while (atomic_exchange_explicit(&c->word, CONTENDED,
					memory_order_acquire) != FREE)
		futex_wait(&c->word, CONTENDED, DEADLINE_NEVER);
}

static ALWAYS_INLINE void lock(struct futex *c)
{
	if (unlikely(!take(c)))
		lock_slow(c);
}

static ALWAYS_INLINE void unlock(struct futex *c)
{
	/* [B] */
	if (unlikely(atomic_exchange_explicit(&c->word, FREE,
					      memory_order_release) ==
		     CONTENDED))
		futex_wake(&c->word, 1);
}

static inline void add(void *counter, uint64_t n)
{
	struct futex *c = counter;

	lock(c);
	c->value += n;
	unlock(c);
}

static uint64_t read_(void *counter)
{
	struct futex *c = counter;
	uint64_t value;

	lock(c);
	value = c->value;
	unlock(c);
	return value;
}

REGISTER_COUNTER(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "a plain number under a three-state futex lock",
		.source = "Drepper, Futexes Are Tricky (2011), section 6",
		.size = sizeof(struct futex),
	},
	.add = add,
	.read = read_);
