/* SPDX-License-Identifier: MIT */
/*
 * A readers-writer lock in one word, in which a waiting writer holds back new
 * readers. The families differ in how they wait, so each defines the functions
 * declared below.
 *
 * Bits  WRITER          a writer is inside; then READERS is 0
 *       READERS_ASLEEP  readers may sleep until writers are out of their way;
 *                       set only while WRITER or PENDING is. May be stale (they
 *                       have timed out): the price is one needless wake.
 *       PENDING         how many writers have announced themselves and wait;
 *                       exact. A writer that waits a moment need not be in it.
 *       READERS         how many readers are inside; exact
 *
 * All that an unlock has to know is in the word as it releases it, so that the
 * lock may be destroyed at once by the next one to leave.
 *
 * Edges  [A] acquire of the compare-exchange that lets a writer in pairs with
 *            [C] and [D]; each reader's [D] heads a release sequence of
 *            read-modify-writes, so that the writer sees all of them
 *        [B] acquire of the compare-exchange that lets a reader in pairs with
 *            [C]
 *        [C] release of the writer's unlock pairs with [A] and [B]
 *        [D] release of the reader's unlock pairs with [A]
 */
#ifndef WORD_H
#define WORD_H

#include "../rwlock.h"

struct rwlock {
	_Atomic uint32_t word;
};

#define WRITER	       UINT32_C(0x00000001)
#define READERS_ASLEEP UINT32_C(0x00000002)
#define PENDING	       UINT32_C(0x00003ffc) /* up to 4095; the others just retry */
#define PENDING_ONE    UINT32_C(0x00000004)
#define READERS	       UINT32_C(0xffffc000) /* up to 262143; the others wait */
#define READERS_ONE    UINT32_C(0x00004000)

/* 0 or SYNC_TIMEOUT. */
static int read_slow(struct rwlock *l, uint64_t deadline);
static int write_slow(struct rwlock *l, uint64_t deadline);
/* The word is as it was before, or not simply WRITER. */
static ALWAYS_INLINE void read_unlocked(struct rwlock *l, uint32_t before);
static void write_unlock_slow(struct rwlock *l);

static ALWAYS_INLINE uint32_t look(struct rwlock *l)
{
	return atomic_load_explicit(&l->word, memory_order_relaxed);
}

static ALWAYS_INLINE bool may_read(uint32_t word)
{
	return !(word & (WRITER | PENDING)) && (word & READERS) != READERS;
}

static ALWAYS_INLINE bool may_write(uint32_t word)
{
	return !(word & (WRITER | READERS));
}

static ALWAYS_INLINE bool replace(struct rwlock *l, uint32_t *word, uint32_t by,
				  memory_order order)
{
	/* the failure order is relaxed: nothing was acquired */
	return atomic_compare_exchange_strong_explicit(
		&l->word, word, by, order, memory_order_relaxed);
}

static ALWAYS_INLINE bool try_read(struct rwlock *l)
{
	uint32_t word = look(l);

	while (may_read(word)) /* [B] */
		if (replace(l, &word, word + READERS_ONE, memory_order_acquire))
			return true;
	return false;
}

static ALWAYS_INLINE bool try_write(struct rwlock *l)
{
	uint32_t word = look(l);

	while (may_write(word)) /* [A] */
		if (replace(l, &word, word | WRITER, memory_order_acquire))
			return true;
	return false;
}

static inline void rdlock(void *rwlock, void *node)
{
	(void)node;
	if (unlikely(!try_read(rwlock)))
		read_slow(rwlock, DEADLINE_NEVER);
}

static inline int tryrdlock(void *rwlock, void *node)
{
	(void)node;
	return try_read(rwlock) ? SYNC_OK : SYNC_BUSY;
}

static int timedrdlock(void *rwlock, void *node, uint64_t deadline)
{
	(void)node;
	return try_read(rwlock) ? SYNC_OK : read_slow(rwlock, deadline);
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
 * its own entry lacks WRITER, and while a writer is inside every value has it.
 */
static inline void unlock(void *rwlock, void *node)
{
	struct rwlock *l = rwlock;
	uint32_t word = look(l);

	(void)node;
	if (!(word & WRITER)) /* [D] */
		read_unlocked(l,
			      atomic_fetch_sub_explicit(&l->word, READERS_ONE,
							memory_order_release));
	else if (word != WRITER || /* [C] */
		 !replace(l, &word, 0, memory_order_release))
		write_unlock_slow(l);
}

#endif
