/* SPDX-License-Identifier: MIT */
/*
 * Treiber's stack as a free list: pop reads the top node's successor and then
 * swings the top to it, although meanwhile both may have been popped and the
 * first pushed again. The repaired one counts the changes in the same word.
 *
 * Bug:       pub-lf-treiber-aba
 * Source:    Apache httpd commit 46ccf01ae7 (2008); Boost.Lockfree commit
 *            df78b9d, "queue: avoid aba problem"
 * Scenario:  stack A, B; one thread has read A and its successor B; another one
 *            pops A, pops B and pushes A; B is in use and on the stack
 * Violation: a node handed out twice
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: one_round (data race)
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

#include "../canary.h"

enum { NODES = 3, THREADS = 2, NOBODY = 0 };

static struct {
	_Atomic uint32_t next; /* its number, 0: the last */
	int owner;	       /* plain: the stack orders it */
} nodes[NODES + 1];

static _Atomic int started; /* threads: they begin together */

static _Atomic uint64_t top; /* the first node's number; above it, changes */

static uint64_t changed(uint64_t from, uint32_t node)
{
#if BROKEN
	uint64_t changes = from >> 32;
#else
	uint64_t changes = (from >> 32) + 1;
#endif
	return changes << 32 | node;
}

static void push(uint32_t node)
{
	uint64_t old = atomic_load_explicit(&top, memory_order_relaxed);

	do
		atomic_store_explicit(&nodes[node].next, (uint32_t)old,
				      memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(
		&top, &old, changed(old, node), memory_order_release,
		memory_order_relaxed));
}

static uint32_t pop(void)
{
	uint64_t old = atomic_load_explicit(&top, memory_order_acquire);
	uint32_t next;

	do {
		if ((uint32_t)old == 0)
			return 0;
		next = atomic_load_explicit(&nodes[(uint32_t)old].next,
					    memory_order_relaxed);
	} while (!atomic_compare_exchange_weak_explicit(
		&top, &old, changed(old, next), memory_order_acquire,
		memory_order_acquire));
	return (uint32_t)old;
}

static uint32_t take(int self)
{
	uint32_t node = pop();

	if (node) {
		assert(nodes[node].owner == NOBODY);
		nodes[node].owner = self;
	}
	return node;
}

static void give_back(uint32_t node, int self)
{
	if (node) {
		assert(nodes[node].owner == self);
		nodes[node].owner = NOBODY;
		push(node);
	}
}

static void *use(void *self)
{
	int me = (int)(intptr_t)self;

	atomic_fetch_add_explicit(&started, 1, memory_order_relaxed);
	while (atomic_load_explicit(&started, memory_order_relaxed) < THREADS)
		sched_yield();
	for (unsigned i = 0; i < rounds(20000); i++) {
		uint32_t first = take(me), second = take(me);

		/* the second one is in use for longer */
		give_back(first, me);
		give_back(second, me);
	}
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];

	atomic_store_explicit(&started, 0, memory_order_relaxed);
	atomic_store_explicit(&top, 0, memory_order_relaxed);
	for (uint32_t n = 1; n <= NODES; n++) {
		nodes[n].owner = NOBODY;
		push(n);
	}
	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, use, (void *)(i + 1));
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
