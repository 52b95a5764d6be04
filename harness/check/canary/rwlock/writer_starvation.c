/* SPDX-License-Identifier: MIT */
/*
 * A readers-writer spinlock that promises writers their turn, but in which
 * nothing tells that one waits: it gets in when no reader is inside, and while
 * the sections of readers overlap that never is.
 *
 * Bug:       pub-rwlock-writer-starvation
 * Source:    DPDK commit 832cecc03d (2022); P. Courtois et al. (CACM 1971)
 * Scenario:  two readers in a loop whose sections overlap, one writer
 * Violation: starvation
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: none: starvation is no end, and every execution has one
 */
#include "../../../../primitives/rwlock.h"
#include "../canary.h"

/* One of them waits; one is inside; how many readers are. */
enum { WAITING = 1, WRITER = 2, READER = 4 };

struct announced {
	_Atomic uint32_t word;
};

static uint32_t look(struct announced *l)
{
	return atomic_load_explicit(&l->word, memory_order_relaxed);
}

static bool replace(struct announced *l, uint32_t *word, uint32_t by,
		    memory_order order)
{
	return atomic_compare_exchange_strong_explicit(
		&l->word, word, by, order, memory_order_relaxed);
}

static int tryrdlock(void *rwlock, void *node)
{
	uint32_t word = look(rwlock);

	(void)node;
	while (!(word & (WAITING | WRITER)))
		if (replace(rwlock, &word, word + READER, memory_order_acquire))
			return SYNC_OK;
	return SYNC_BUSY;
}

static void rdlock(void *rwlock, void *node)
{
	struct spinner s = { 0 };

	while (tryrdlock(rwlock, node))
		spin_once(&s, DEADLINE_NEVER);
}

static int trywrlock(void *rwlock, void *node)
{
	uint32_t word = look(rwlock);

	(void)node;
	/* other writers that wait will say so again */
	while (word < WRITER)
		if (replace(rwlock, &word, WRITER, memory_order_acquire))
			return SYNC_OK;
	return SYNC_BUSY;
}

static void wrlock(void *rwlock, void *node)
{
	struct announced *l = rwlock;
	struct spinner s = { 0 };

	while (trywrlock(l, node)) {
#if !BROKEN
		uint32_t word = look(l);

		if (!(word & WAITING))
			replace(l, &word, word | WAITING, memory_order_relaxed);
#endif
		spin_once(&s, DEADLINE_NEVER);
	}
}

static void unlock(void *rwlock, void *node)
{
	struct announced *l = rwlock;

	(void)node;
	atomic_fetch_sub_explicit(&l->word, look(l) & WRITER ? WRITER : READER,
				  memory_order_release);
}

REGISTER_RWLOCK(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a writer that waits does not say so"),
		.source = "DPDK commit 832cecc03d",
		.unsupported = "a canary has no timed form",
		.flags = IMPL_NO_STARVATION,
		.size = sizeof(struct announced),
	},
	.rdlock = rdlock,
	.tryrdlock = tryrdlock,
	.wrlock = wrlock,
	.trywrlock = trywrlock,
	.unlock = unlock);
