/* SPDX-License-Identifier: MIT */
/*
 * A readers-writer spinlock in one word of three fields: a writer is inside;
 * how many writers are there, inside or waiting, who hold back readers; how
 * many readers are inside. Nothing keeps the count of the readers, of 8 bits,
 * from running over: then it is zero, and a writer gets in.
 *
 * Bug:       rwlock-reader-count-8-bits
 * Source:    symbol/symbol pull request 1918 (2026), "Expand limits on
 *            SpinReaderWriterLock"
 * Scenario:  256 readers inside; a writer
 * Violation: a writer beside readers; a writer that nobody is
 * Caught by: laws
 * Explored by: none: that takes 256 threads
 */
#include "../../../../primitives/rwlock.h"
#include "../canary.h"

enum { READER_BITS = BROKEN ? 8 : 16, WRITER_BITS = 7 };

#define READER	UINT32_C(1)
#define READERS ((UINT32_C(1) << READER_BITS) - 1)
#define ONE	(UINT32_C(1) << READER_BITS) /* a writer, inside or not */
#define WRITERS (ONE * ((UINT32_C(1) << WRITER_BITS) - 1))
#define INSIDE	(ONE << WRITER_BITS)

struct fields {
	_Atomic uint32_t word;
};

static uint32_t look(struct fields *l)
{
	return atomic_load_explicit(&l->word, memory_order_relaxed);
}

static bool replace(struct fields *l, uint32_t *word, uint32_t by,
		    memory_order order)
{
	return atomic_compare_exchange_strong_explicit(
		&l->word, word, by, order, memory_order_relaxed);
}

static bool may_read(uint32_t word)
{
	return !(word & (WRITERS | INSIDE)) && (BROKEN || word < READERS);
}

static int tryrdlock(void *rwlock, void *node)
{
	uint32_t word = look(rwlock);

	(void)node;
	while (may_read(word))
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

/* Of those who have announced themselves one gets in. */
static bool go_in(struct fields *l)
{
	uint32_t word = look(l);

	while (!(word & (INSIDE | READERS)))
		if (replace(l, &word, word | INSIDE, memory_order_acquire))
			return true;
	return false;
}

static void wrlock(void *rwlock, void *node)
{
	struct fields *l = rwlock;
	struct spinner s = { 0 };
	uint32_t word = look(l);

	(void)node;
	while ((word & WRITERS) == WRITERS ||
	       !replace(l, &word, word + ONE, memory_order_relaxed)) {
		spin_once(&s, DEADLINE_NEVER);
		word = look(l);
	}
	while (!go_in(l))
		spin_once(&s, DEADLINE_NEVER);
}

static int trywrlock(void *rwlock, void *node)
{
	uint32_t word = look(rwlock);

	(void)node;
	while (!(word & (INSIDE | READERS)) && (word & WRITERS) != WRITERS)
		if (replace(rwlock, &word, (word + ONE) | INSIDE,
			    memory_order_acquire))
			return SYNC_OK;
	return SYNC_BUSY;
}

static void unlock(void *rwlock, void *node)
{
	struct fields *l = rwlock;

	(void)node;
	atomic_fetch_sub_explicit(&l->word,
				  look(l) & INSIDE ? INSIDE + ONE : READER,
				  memory_order_release);
}

REGISTER_RWLOCK(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("256 readers are none"),
		.source = "symbol pull request 1918",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct fields),
	},
	.rdlock = rdlock,
	.tryrdlock = tryrdlock,
	.wrlock = wrlock,
	.trywrlock = trywrlock,
	.unlock = unlock);
