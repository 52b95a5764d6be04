/* SPDX-License-Identifier: MIT */
/*
 * A readers-writer lock in one word whose readers take and leave it by relaxed
 * operations as long as no writer is there. The slow path acquires; a reader
 * that stays on the fast one has no edge from the writer's unlock, and a writer
 * none from such a reader's.
 *
 * Bug:       pub-rwlock-fastpath-no-acquire
 * Source:    Linux commit 3f48565beb72 (2021), locking/rwbase
 * Scenario:  a writer's section; then a reader's, which reads what was written
 * Violation: stale read; on x86 the read-modify-writes are full barriers, so
 *            that only happens-before shows it
 * Caught by: tsan-gcc, tsan-clang
 * Explored by: last_of_both_frees (data race)
 */
#include "../../../../primitives/rwlock.h"
#include "../canary.h"

/* A writer is inside; else the word is how many readers are. */
#define WRITER UINT32_C(0x80000000)

#if BROKEN
#define FAST_ENTER memory_order_relaxed
#define FAST_LEAVE memory_order_relaxed
#else
#define FAST_ENTER memory_order_acquire
#define FAST_LEAVE memory_order_release
#endif

struct rwbase {
	_Atomic uint32_t readers;
};

static uint32_t look(struct rwbase *l)
{
	return atomic_load_explicit(&l->readers, memory_order_relaxed);
}

static int tryrdlock(void *rwlock, void *node)
{
	struct rwbase *l = rwlock;
	uint32_t readers = look(l);

	(void)node;
	while (!(readers & WRITER))
		if (atomic_compare_exchange_strong_explicit(
			    &l->readers, &readers, readers + 1, FAST_ENTER,
			    memory_order_relaxed))
			return SYNC_OK;
	return SYNC_BUSY;
}

static void rdlock(void *rwlock, void *node)
{
	struct rwbase *l = rwlock;
	struct spinner s = { 0 };
	uint32_t readers;

	if (tryrdlock(l, node) == SYNC_OK)
		return;
	do {
		while ((readers = look(l)) & WRITER)
			spin_once(&s, DEADLINE_NEVER);
	} while (!atomic_compare_exchange_strong_explicit(
		&l->readers, &readers, readers + 1, memory_order_acquire,
		memory_order_relaxed));
}

static int trywrlock(void *rwlock, void *node)
{
	struct rwbase *l = rwlock;
	uint32_t readers = 0;

	(void)node;
	return atomic_compare_exchange_strong_explicit(&l->readers, &readers,
						       WRITER,
						       memory_order_acquire,
						       memory_order_relaxed)
		       ? SYNC_OK
		       : SYNC_BUSY;
}

static void wrlock(void *rwlock, void *node)
{
	struct spinner s = { 0 };

	while (trywrlock(rwlock, node))
		spin_once(&s, DEADLINE_NEVER);
}

static void unlock(void *rwlock, void *node)
{
	struct rwbase *l = rwlock;

	(void)node;
	if (look(l) & WRITER)
		atomic_store_explicit(&l->readers, 0, memory_order_release);
	else
		atomic_fetch_sub_explicit(&l->readers, 1, FAST_LEAVE);
}

REGISTER_RWLOCK(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("the readers' fast path orders nothing"),
		.source = "Linux commit 3f48565beb72",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct rwbase),
	},
	.rdlock = rdlock,
	.tryrdlock = tryrdlock,
	.wrlock = wrlock,
	.trywrlock = trywrlock,
	.unlock = unlock);
