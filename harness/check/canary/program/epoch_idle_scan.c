/* SPDX-License-Identifier: MIT */
/*
 * Epoch-based reclamation whose scan forgets, when it goes on after a wait, the
 * active readers that it has passed: it takes all for idle and skips the rest
 * of the grace period.
 *
 * Bug:       pub-mr-epoch-idle-scan
 * Source:    Concurrency Kit commit d24fc27 (2017), "epoch: fix idle detection
 *            bug in synchronize"
 * Scenario:  a reader in the current epoch stays; one in an old epoch leaves
 *            while the writer waits for it; the writer frees
 * Violation: use after free: the grace period is too short
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: one_round (use after free)
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../canary.h"

enum { READERS = 2, GRACE = 3, WORDS = 32, YIELDS = 20 };

static struct record {
	_Atomic bool active;
	_Atomic unsigned epoch; /* that it has seen when it became active */
} records[READERS];

static _Atomic unsigned epoch;

/* ---- the scheme ---- */

static void enter(struct record *r)
{
	/* seq_cst: not after what the reader loads */
	atomic_store_explicit(&r->active, true, memory_order_seq_cst);
	atomic_store_explicit(
		&r->epoch, atomic_load_explicit(&epoch, memory_order_seq_cst),
		memory_order_seq_cst);
}

static void leave(struct record *r)
{
	/* pairs with the acquire in scan */
	atomic_store_explicit(&r->active, false, memory_order_release);
}

/* From `at` on: the first record that is active in another epoch, or NULL. */
static struct record *scan(struct record *at, unsigned now, bool *any)
{
#if BROKEN
	*any = false;
#else
	/* it was active when the scan stopped there */
	*any = at != records;
#endif
	for (; at < records + READERS; at++) {
		if (!atomic_load_explicit(&at->active, memory_order_seq_cst))
			continue;
		*any = true;
		if (atomic_load_explicit(&at->epoch, memory_order_seq_cst) !=
		    now)
			return at;
	}
	return NULL;
}

/* Returns when whoever was inside has left. */
static void synchronize(void)
{
	for (int i = 0; i < GRACE; i++) {
		unsigned now =
			atomic_load_explicit(&epoch, memory_order_relaxed);
		struct record *at = records;
		bool any;

		while ((at = scan(at, now, &any)))
			sched_yield();
		if (!any)
			return;
		atomic_store_explicit(&epoch, now + 1, memory_order_seq_cst);
	}
}

/* ---- the scenario ---- */

static _Atomic int step; /* what has happened so far */

enum { OLD_IS_IN = 1, NEXT_EPOCH, NEW_IS_IN, UNLINKED, OLD_IS_OUT };

static void await(int wanted)
{
	while (atomic_load_explicit(&step, memory_order_acquire) < wanted)
		sched_yield();
}

static void reach(int next)
{
	atomic_store_explicit(&step, next, memory_order_release);
}

static void linger(void)
{
	for (unsigned i = 0; i < luck(YIELDS); i++)
		sched_yield();
}

static _Atomic(unsigned *) shared;

static void *stay_a_while(void *unused)
{
	enter(&records[1]);
	reach(OLD_IS_IN);
	await(UNLINKED);
	/* the writer gets to wait for us, most of the time */
	linger();
	leave(&records[1]);
	reach(OLD_IS_OUT);
	return unused;
}

static void *stay_longer(void *unused)
{
	unsigned *words;

	await(NEXT_EPOCH);
	enter(&records[0]);
	words = atomic_load_explicit(&shared, memory_order_acquire);
	reach(NEW_IS_IN);
	await(OLD_IS_OUT);
	linger();
	for (int i = 0; i < WORDS; i++)
		assert(words[i] == 1);
	leave(&records[0]);
	return unused;
}

int main(void)
{
	pthread_t old, new;
	unsigned *words = malloc(WORDS * sizeof(words[0]));

	assert(words != NULL);
	for (int i = 0; i < WORDS; i++)
		words[i] = 1;
	atomic_store_explicit(&shared, words, memory_order_relaxed);
	reach(0);
	pthread_create(&old, NULL, stay_a_while, NULL);
	pthread_create(&new, NULL, stay_longer, NULL);
	await(OLD_IS_IN);
	atomic_fetch_add_explicit(&epoch, 1, memory_order_seq_cst);
	reach(NEXT_EPOCH);
	await(NEW_IS_IN);
	atomic_store_explicit(&shared, NULL, memory_order_relaxed);
	reach(UNLINKED);
	synchronize();
	/* a poison that no compiler drops */
	explicit_bzero(words, WORDS * sizeof(words[0]));
	free(words);
	pthread_join(old, NULL);
	pthread_join(new, NULL);
	return 0;
}
