/* SPDX-License-Identifier: MIT */
/*
 * A hazard pointer that may still be in the store buffer when its owner looks
 * at the shared pointer again: the retirer scans, finds nothing, and frees what
 * the reader is about to use.
 *
 * Bug:       pub-mr-hazard-no-fence
 * Source:    urcs-sync/Interval-Based-Reclamation issue 2; kcenon/thread_system
 *            PR 602; M. Michael, "Hazard Pointers" (TPDS 2004)
 * Scenario:  a reader, and a thread that unlinks and frees
 * Violation: use after free (store buffers suffice)
 * Caught by: stress, faults
 * Explored by: one_round (use after free)
 */
#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../canary.h"

enum { WORDS = 8, USES = 16, SPINS = 200, FAR = 16 };

struct node {
	unsigned words[WORDS]; /* all the same; 0: freed */
};

static struct {
	_Alignas(128) _Atomic(struct node *) node;
} shared, hazard;

static _Alignas(128) _Atomic bool over;

/* Lines that both write: stores that miss, ahead of the hazard's, keep that one
 * in the store buffer. */
static struct {
	_Alignas(128) _Atomic unsigned word;
} far[FAR];

static void store_far(void)
{
	for (unsigned i = 0; i < luck(FAR); i++)
		atomic_store_explicit(&far[i].word, 1, memory_order_relaxed);
}

static struct node *node_new(unsigned value)
{
	struct node *n = malloc(sizeof(*n));

	assert(n != NULL);
	for (int i = 0; i < WORDS; i++)
		n->words[i] = value;
	return n;
}

static void node_free(struct node *n)
{
	/* a poison that no compiler drops */
	explicit_bzero(n, sizeof(*n));
	free(n);
}

static struct node *protect(void)
{
#if BROKEN
	const memory_order order = memory_order_release;
#else
	/* not after the second look below */
	const memory_order order = memory_order_seq_cst;
#endif
	struct node *n =
		atomic_load_explicit(&shared.node, memory_order_relaxed);
	struct node *seen;

	for (;; n = seen) {
		atomic_store_explicit(&hazard.node, n, order);
		/* also an acquire of what the node holds */
		seen = atomic_load_explicit(&shared.node, memory_order_seq_cst);
		if (seen == n)
			return n;
	}
}

static void *read_all(void *unused)
{
	/* for ever, but for an explorer */
	for (unsigned r = rounds(UINT_MAX);
	     r && !atomic_load_explicit(&over, memory_order_relaxed); r--) {
		store_far();

		struct node *n = protect();
		unsigned value = n->words[0];

		assert(value != 0);
		for (int i = 0; i < (int)(luck(USES) + 1) * WORDS; i++)
			assert(n->words[i % WORDS] == value);
		/* release: the uses come before the free */
		atomic_store_explicit(&hazard.node, NULL, memory_order_release);
	}
	return unused;
}

static void replace(unsigned value)
{
	/* seq_cst: not after the scan */
	struct node *old = atomic_exchange_explicit(
		&shared.node, node_new(value), memory_order_seq_cst);

	unsigned spins = luck(SPINS);

	while (atomic_load_explicit(&hazard.node, memory_order_seq_cst) == old)
		if (spins == 0)
			sched_yield();
		else
			spins--;
	store_far();
	node_free(old);
}

int main(void)
{
	pthread_t reader;

	atomic_store_explicit(&over, false, memory_order_relaxed);
	atomic_store_explicit(&hazard.node, NULL, memory_order_relaxed);
	atomic_store_explicit(&shared.node, node_new(1), memory_order_relaxed);
	pthread_create(&reader, NULL, read_all, NULL);
	for (unsigned i = 0; i < rounds(2000); i++)
		replace(i + 2);
	atomic_store_explicit(&over, true, memory_order_relaxed);
	pthread_join(reader, NULL);
	node_free(atomic_load_explicit(&shared.node, memory_order_relaxed));
	return 0;
}
