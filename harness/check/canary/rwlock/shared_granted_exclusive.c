/* SPDX-License-Identifier: MIT */
/*
 * A readers-writer lock in one futex word. Whoever releases it leaves QUEUED
 * set for the wake-up that follows, and a reader that comes in between takes
 * it; but on that way it forgets to count itself. The word is now that of a
 * writer: the other readers wait for one who may wait for them.
 *
 * Bug:       pub-rwlock-shared-granted-exclusive
 * Source:    microsoft/STL issue 4448 (2024), Windows bug OS-49268777
 * Scenario:  a writer inside, four readers on their way; the writer unlocks;
 *            each reader stays inside until all of them are
 * Violation: readers do not share: deadlock in that client
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: readers_share_after_writer (livelock)
 */
#include "../../../../primitives/rwlock.h"
#include "../canary.h"

/*
 * OWNED and no READERS: a writer is inside. QUEUED with OWNED: others sleep.
 * QUEUED without it: they are being woken, by whoever has just released it;
 * they will set it again if they have to.
 */
enum { OWNED = 1, QUEUED = 2, READER = 4 };

struct queued {
	_Atomic uint32_t word;
};

static uint32_t look(struct queued *l)
{
	return atomic_load_explicit(&l->word, memory_order_relaxed);
}

static bool replace(struct queued *l, uint32_t *word, uint32_t by,
		    memory_order order)
{
	return atomic_compare_exchange_strong_explicit(
		&l->word, word, by, order, memory_order_relaxed);
}

/* Get in beside other readers, or first; free: what it becomes then. */
static bool read_as(struct queued *l, uint32_t word, uint32_t free)
{
	while (!(word & OWNED) || word >= READER)
		if (replace(l, &word, word & OWNED ? word + READER : free,
			    memory_order_acquire))
			return true;
	return false;
}

static int tryrdlock(void *rwlock, void *node)
{
	uint32_t word = look(rwlock);
	uint32_t free = OWNED | READER;

	(void)node;
#if BROKEN
	if (word == QUEUED)
		free = OWNED;
#endif
	return read_as(rwlock, word, free) ? SYNC_OK : SYNC_BUSY;
}

static int trywrlock(void *rwlock, void *node)
{
	uint32_t word = look(rwlock);

	(void)node;
	while (!(word & OWNED))
		if (replace(rwlock, &word, OWNED, memory_order_acquire))
			return SYNC_OK;
	return SYNC_BUSY;
}

/* Sleep until somebody has left, if somebody is inside whom we cannot join. */
static void queue_up(struct queued *l, bool read)
{
	uint32_t word = look(l);

	if (!(word & OWNED) || (read && word >= READER))
		return;
	if ((word & QUEUED) ||
	    replace(l, &word, word | QUEUED, memory_order_relaxed))
		futex_wait(&l->word, word | QUEUED, DEADLINE_NEVER);
}

static void rdlock(void *rwlock, void *node)
{
	if (tryrdlock(rwlock, node) == SYNC_OK)
		return;
	do
		queue_up(rwlock, true);
	while (!read_as(rwlock, look(rwlock), OWNED | READER));
}

static void wrlock(void *rwlock, void *node)
{
	while (trywrlock(rwlock, node))
		queue_up(rwlock, false);
}

static void unlock(void *rwlock, void *node)
{
	struct queued *l = rwlock;
	uint32_t word = look(l), by;

	(void)node;
	do
		by = word >= 2 * READER ? word - READER : word & QUEUED;
	while (!replace(l, &word, by, memory_order_release));
	if (by == QUEUED)
		futex_wake_all(&l->word);
}

REGISTER_RWLOCK(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a reader in a gap is taken for a writer"),
		.source = "microsoft/STL issue 4448",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct queued),
	},
	.rdlock = rdlock,
	.tryrdlock = tryrdlock,
	.wrlock = wrlock,
	.trywrlock = trywrlock,
	.unlock = unlock);
