/* SPDX-License-Identifier: MIT */
/*
 * Readers-writer lock in one word that prefers readers: one that comes waits
 * for the writer inside at most, never for those that wait.
 *
 * Source: J. Mellor-Crummey and M. Scott, "Scalable reader-writer
 * synchronization for shared-memory multiprocessors" (PPoPP 1991), the simple
 * reader-preference lock; the preference is that of P. Courtois et al.,
 * "Concurrent control with 'readers' and 'writers'" (1971), first problem.
 *
 * State  WRITER   a writer is inside
 *        READERS  how many readers have announced themselves: they are inside,
 *                 or wait for WRITER to go. No writer gets in while it is not
 * 0.
 *
 * Edges  [A] acquire of the compare-exchange that lets a writer in pairs with
 *            [C] and [D]; all changes of the word are read-modify-writes, so
 *            that it sees every reader that has left
 *        [B] acquire of a reader's announcement, or of its load that finds
 *            WRITER gone, pairs with [C]
 *        [C] release of the writer's unlock pairs with [A] and [B]
 *        [D] release of the reader's unlock pairs with [A]
 *
 * Progress: never sleeps in the kernel but yields. A reader waits for one
 * section at most, however many writers come; readers that overlap starve
 * writers for ever. Writers barge among themselves.
 * Costs: two atomic read-modify-writes, reading or writing; a reader's do not
 * fail and repeat, however many come at once. Loses when writes must not wait,
 * and to per-core reader counts when many cores only read.
 */
#include "../rwlock.h"

#define WRITER	    UINT32_C(1)
#define READERS_ONE UINT32_C(2)

struct reader_pref {
	_Atomic uint32_t word;
};

static ALWAYS_INLINE uint32_t look(struct reader_pref *l, memory_order order)
{
	return atomic_load_explicit(&l->word, order);
}

/* From these words to those, a moment at which nobody else comes between. */
static ALWAYS_INLINE bool replace(struct reader_pref *l, uint32_t *word,
				  uint32_t by)
{
	/* [A] and [B]; the failure order is relaxed: nothing was acquired */
	return atomic_compare_exchange_strong_explicit(
		&l->word, word, by, memory_order_acquire, memory_order_relaxed);
}

static ALWAYS_INLINE bool announce(struct reader_pref *l)
{
	/* [B] */
	return !(atomic_fetch_add_explicit(&l->word, READERS_ONE,
					   memory_order_acquire) &
		 WRITER);
}

static COLD int read_slow(struct reader_pref *l, uint64_t deadline)
{
	struct spinner s = { 0 };

	while (look(l, memory_order_acquire) & WRITER) { /* [B] */
		if (spin_once(&s, deadline))
			continue;
		/* relaxed: nothing was read under the lock */
		atomic_fetch_sub_explicit(&l->word, READERS_ONE,
					  memory_order_relaxed);
		return SYNC_TIMEOUT;
	}
	return SYNC_OK;
}

static ALWAYS_INLINE bool try_write(struct reader_pref *l)
{
	uint32_t nobody = 0;

	return replace(l, &nobody, WRITER); /* [A] */
}

static COLD int write_slow(struct reader_pref *l, uint64_t deadline)
{
	struct spinner s = { 0 };

	do {
		/* load before the exchange: spinning keeps the line shared */
		while (look(l, memory_order_relaxed))
			if (!spin_once(&s, deadline))
				return SYNC_TIMEOUT;
	} while (!try_write(l));
	return SYNC_OK;
}

static inline void rdlock(void *rwlock, void *node)
{
	(void)node;
	if (unlikely(!announce(rwlock)))
		read_slow(rwlock, DEADLINE_NEVER);
}

static inline int tryrdlock(void *rwlock, void *node)
{
	struct reader_pref *l = rwlock;
	uint32_t word = look(l, memory_order_relaxed);

	(void)node;
	while (!(word & WRITER)) /* [B] */
		if (replace(l, &word, word + READERS_ONE))
			return SYNC_OK;
	return SYNC_BUSY;
}

static int timedrdlock(void *rwlock, void *node, uint64_t deadline)
{
	(void)node;
	return announce(rwlock) ? SYNC_OK : read_slow(rwlock, deadline);
}

static inline void wrlock(void *rwlock, void *node)
{
	(void)node;
	if (unlikely(!try_write(rwlock)))
		write_slow(rwlock, DEADLINE_NEVER);
}

static inline int trywrlock(void *rwlock, void *node)
{
	(void)node;
	return try_write(rwlock) ? SYNC_OK : SYNC_BUSY;
}

static int timedwrlock(void *rwlock, void *node, uint64_t deadline)
{
	(void)node;
	return try_write(rwlock) ? SYNC_OK : write_slow(rwlock, deadline);
}

/*
 * relaxed look: while a reader is inside, every value that it can read since
 * it got in lacks WRITER, and while a writer is inside every value has it.
 */
static inline void unlock(void *rwlock, void *node)
{
	struct reader_pref *l = rwlock;
	bool writer = look(l, memory_order_relaxed) & WRITER;

	(void)node;
	/* [C] or [D] */
	atomic_fetch_sub_explicit(&l->word, writer ? WRITER : READERS_ONE,
				  memory_order_release);
}

REGISTER_RWLOCK(
	.id = {
		.name = FILE_STEM,
		.family = OTHER,
		.brief = "one word, spins; prefers readers, writers can starve",
		.source = "Mellor-Crummey and Scott, PPoPP 1991",
		.size = sizeof(struct reader_pref),
	},
	.rdlock = rdlock,
	.tryrdlock = tryrdlock,
	.timedrdlock = timedrdlock,
	.wrlock = wrlock,
	.trywrlock = trywrlock,
	.timedwrlock = timedwrlock,
	.unlock = unlock);
