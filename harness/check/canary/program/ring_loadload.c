/* SPDX-License-Identifier: MIT */
/*
 * The ring of DPDK, consumers' side: the loads of the consumers' head and the
 * producer's tail are not ordered. With a fresh head and a stale tail their
 * difference is huge, and the consumer reads slots that were never written.
 *
 * Bug:       pub-queue-ring-loadload
 * Source:    DPDK commits 9bc2cbb007 (2017), "ring: guarantee load/load order
 *            in enqueue and dequeue", and a4ad0eba9d (2025)
 * Scenario:  one producer of two items, two consumers
 * Violation: items that nobody has put
 * Weak only: x86 does not reorder loads
 * Explored by: one_round (data race)
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "../canary.h"

enum { ITEMS = 2, CONSUMERS = 2 };

static struct {
	_Atomic unsigned head,
		tail; /* consumers', producer's: they only grow */
	int slots[ITEMS];
} ring;

static void put(int item)
{
	unsigned tail = atomic_load_explicit(&ring.tail, memory_order_relaxed);

	ring.slots[tail % ITEMS] = item;
	/* [A] pairs with [B] */
	atomic_store_explicit(&ring.tail, tail + 1, memory_order_release);
}

/* 0 if there is none. */
static int get(void)
{
#if BROKEN
	const memory_order order = memory_order_relaxed;
#else
	/* [C] pairs with [D]: who has moved head there has seen such a tail */
	const memory_order order = memory_order_acquire;
#endif
	unsigned head = atomic_load_explicit(&ring.head, order);
	int item;

	do {
		/* [B] */
		unsigned tail =
			atomic_load_explicit(&ring.tail, memory_order_acquire);

		if (tail - head == 0)
			return 0;
		item = ring.slots[head % ITEMS];
		/* [D] */
	} while (!atomic_compare_exchange_strong_explicit(
		&ring.head, &head, head + 1, memory_order_release, order));
	return item;
}

static void *consume(void *sum)
{
	for (int i = 0; i < ITEMS; i++) {
		int item = get();

		assert(item >= 0 && item <= ITEMS);
		*(int *)sum += item;
	}
	return NULL;
}

static void play_round(void)
{
	pthread_t consumers[CONSUMERS];
	int sums[CONSUMERS] = { 0 }, sum = 0, item;

	atomic_store_explicit(&ring.head, 0, memory_order_relaxed);
	atomic_store_explicit(&ring.tail, 0, memory_order_relaxed);
	for (int i = 0; i < ITEMS; i++)
		ring.slots[i] = -1;
	for (int i = 0; i < CONSUMERS; i++)
		pthread_create(&consumers[i], NULL, consume, &sums[i]);
	for (int i = 1; i <= ITEMS; i++)
		put(i);
	for (int i = 0; i < CONSUMERS; i++) {
		pthread_join(consumers[i], NULL);
		sum += sums[i];
	}
	while ((item = get()))
		sum += item;
	/* each item once */
	assert(sum == ITEMS * (ITEMS + 1) / 2);
}

int main(void)
{
	for (unsigned i = 0; i < rounds(20); i++)
		play_round();
	return 0;
}
