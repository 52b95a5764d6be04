/* SPDX-License-Identifier: MIT */
/*
 * The work-stealing deque of Chase and Lev whose owner looks at the top before
 * its new bottom is there for thieves to see: with two items it takes the
 * second one without a compare-exchange, while a thief that has stolen the
 * first steals the second, too.
 *
 * Bug:       pub-lf-deque-take-fence
 * Source:    N. M. Le, A. Pop, A. Cohen and F. Zappa Nardelli, "Correct and
 *            Efficient Work-Stealing for Weak Memory Models", PPoPP 2013
 * Scenario:  two items; the owner takes twice, a thief steals twice
 * Violation: an item handed out twice (store buffers suffice)
 * Caught by: stress, faults
 * Explored by: one_round (assertion)
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "../canary.h"

enum { ITEMS = 2, SPINS = 2000, FAR = 16 };

struct alone {
	_Alignas(128) _Atomic long value;
};

static struct alone top, bottom;
static struct alone stolen[ITEMS], taken[ITEMS]; /* how often each item was */
static struct alone ready[2];			 /* rounds, of each thread */
/* Lines that both write: stores that miss, ahead of that of bottom, keep that
 * one in the store buffer. */
static struct alone far[FAR];

static void store_far(void)
{
	for (unsigned i = 0; i < luck(FAR); i++)
		atomic_store_explicit(&far[i].value, 1, memory_order_relaxed);
}

static void hand_out(struct alone *to, long item)
{
	atomic_store_explicit(
		&to[item].value,
		atomic_load_explicit(&to[item].value, memory_order_relaxed) + 1,
		memory_order_relaxed);
}

/* All accesses to top and bottom are seq_cst but the one in question. */
static void take(void)
{
#if BROKEN
	const memory_order order = memory_order_release;
#else
	/* not after the load of top below */
	const memory_order order = memory_order_seq_cst;
#endif
	long b = atomic_load_explicit(&bottom.value, memory_order_relaxed) - 1;
	long t;

	atomic_store_explicit(&bottom.value, b, order);
	t = atomic_load_explicit(&top.value, memory_order_seq_cst);
	if (t < b) {
		hand_out(taken, b);
		return;
	}
	if (t == b && atomic_compare_exchange_strong_explicit(
			      &top.value, &t, t + 1, memory_order_seq_cst,
			      memory_order_relaxed))
		hand_out(taken, b);
	atomic_store_explicit(&bottom.value, b + 1, memory_order_seq_cst);
}

static void steal(void)
{
	long t = atomic_load_explicit(&top.value, memory_order_seq_cst);
	long b = atomic_load_explicit(&bottom.value, memory_order_seq_cst);

	if (t < b && atomic_compare_exchange_strong_explicit(
			     &top.value, &t, t + 1, memory_order_seq_cst,
			     memory_order_relaxed))
		hand_out(stolen, t);
}

/* Both threads leave within a few cycles of each other. */
static void meet(int self, long round)
{
	unsigned spins = luck(SPINS);

	atomic_store_explicit(&ready[self].value, round, memory_order_release);
	while (atomic_load_explicit(&ready[!self].value, memory_order_acquire) <
	       round)
		if (spins == 0)
			sched_yield();
		else
			spins--;
}

static void linger(unsigned turns)
{
	for (volatile unsigned i = 0; i < luck(turns); i++)
		;
}

static void reset(void)
{
	atomic_store_explicit(&top.value, 0, memory_order_relaxed);
	atomic_store_explicit(&bottom.value, ITEMS, memory_order_relaxed);
	for (int i = 0; i < ITEMS; i++) {
		atomic_store_explicit(&taken[i].value, 0, memory_order_relaxed);
		atomic_store_explicit(&stolen[i].value, 0,
				      memory_order_relaxed);
	}
}

static void check(void)
{
	for (int i = 0; i < ITEMS; i++) {
		long n = atomic_load_explicit(&taken[i].value,
					      memory_order_relaxed) +
			 atomic_load_explicit(&stolen[i].value,
					      memory_order_relaxed);

		assert(n == 1);
	}
}

static void *own(void *unused)
{
	for (long r = 0; r < rounds(400); r++) {
		reset();
		meet(0, 2 * r + 1);
		linger((unsigned)r % 13);
		store_far();
		take();
		take();
		meet(0, 2 * r + 2);
		check();
	}
	return unused;
}

static void *rob(void *unused)
{
	for (long r = 0; r < rounds(400); r++) {
		store_far();
		meet(1, 2 * r + 1);
		linger((unsigned)r % 17);
		steal();
		steal();
		meet(1, 2 * r + 2);
	}
	return unused;
}

int main(void)
{
	pthread_t owner, thief;

	atomic_store_explicit(&ready[0].value, 0, memory_order_relaxed);
	atomic_store_explicit(&ready[1].value, 0, memory_order_relaxed);
	pthread_create(&owner, NULL, own, NULL);
	pthread_create(&thief, NULL, rob, NULL);
	pthread_join(owner, NULL);
	pthread_join(thief, NULL);
	return 0;
}
