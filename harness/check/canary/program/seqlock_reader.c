/* SPDX-License-Identifier: MIT */
/*
 * A sequence lock whose reader may load the sequence for the second time before
 * it has loaded the data: a torn snapshot passes the test.
 *
 * Bug:       pub-lf-seqlock-reader
 * Source:    H.-J. Boehm, "Can seqlocks get along with programming language
 *            memory models?", MSPC 2012
 * Scenario:  a writer of a pair that it keeps equal, a reader
 * Violation: torn read
 * Weak only: x86 does not reorder loads
 * Explored by: one_round (assertion)
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "../canary.h"

static _Atomic unsigned sequence, x, y;

static void write_pair(unsigned value)
{
	unsigned s = atomic_load_explicit(&sequence, memory_order_relaxed);

	atomic_store_explicit(&sequence, s + 1, memory_order_relaxed);
	/* [A] pairs with [B]: whoever sees the value sees an odd sequence */
	atomic_store_explicit(&x, value, memory_order_release);
	atomic_store_explicit(&y, value, memory_order_release);
	/* [C] pairs with [D] */
	atomic_store_explicit(&sequence, s + 2, memory_order_release);
}

static unsigned load(_Atomic unsigned *datum)
{
#if BROKEN
	return atomic_load_explicit(datum, memory_order_relaxed);
#else
	/* [B]; and the second look at the sequence stays behind it */
	return atomic_load_explicit(datum, memory_order_acquire);
#endif
}

static void read_pair(unsigned *a, unsigned *b)
{
	unsigned before, after;

	for (;;) {
		/* [D] */
		before = atomic_load_explicit(&sequence, memory_order_acquire);
		*a = load(&x);
		*b = load(&y);
		after = atomic_load_explicit(&sequence, memory_order_relaxed);
		if (before == after && before % 2 == 0)
			return;
		sched_yield();
	}
}

static void *write_all(void *unused)
{
	for (unsigned i = 1; i <= rounds(500); i++)
		write_pair(i);
	return unused;
}

static void *read_all(void *unused)
{
	unsigned a, b;

	for (unsigned i = 0; i < rounds(500); i++) {
		read_pair(&a, &b);
		assert(a == b);
	}
	return unused;
}

int main(void)
{
	pthread_t writer, reader;

	atomic_store_explicit(&sequence, 0, memory_order_relaxed);
	atomic_store_explicit(&x, 0, memory_order_relaxed);
	atomic_store_explicit(&y, 0, memory_order_relaxed);
	pthread_create(&writer, NULL, write_all, NULL);
	pthread_create(&reader, NULL, read_all, NULL);
	pthread_join(writer, NULL);
	pthread_join(reader, NULL);
	return 0;
}
