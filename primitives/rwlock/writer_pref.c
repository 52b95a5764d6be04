/* SPDX-License-Identifier: MIT */
/*
 * Readers-writer lock in one word that prefers writers: they take tickets, and
 * no reader gets in while a ticket is out.
 *
 * Source: the preference as in P. Courtois et al., "Concurrent control with
 * 'readers' and 'writers'" (1971), second problem; tickets among the writers as
 * in D. Reed and R. Kanodia, "Synchronization with eventcounts and sequencers"
 * (CACM 1979).
 *
 * State  NEXT     the ticket of the writer that comes next
 *        NOW      the ticket whose turn it is; NEXT if no writer is here
 *        READERS  how many readers are inside; exact
 *        The writer of ticket NOW is inside if READERS is 0; the writers of the
 *        tickets from there to NEXT wait, 65535 at most.
 *
 * Edges  [A] acquire of a writer's read-modify-write, or of its load that finds
 *            its turn come, pairs with [C] and [D]; all changes of the word are
 *            read-modify-writes, so that it sees every reader that has left
 *        [B] acquire of the compare-exchange that lets a reader in pairs with
 *            [C]
 *        [C] release of the writer's unlock pairs with [A] and [B]
 *        [D] release of the reader's unlock pairs with [A]
 *
 * Progress: never sleeps in the kernel but yields. Writers are served in the
 * order of arrival and wait for no reader that came later; writers that overlap
 * starve readers for ever. Readers barge among themselves.
 * Costs: two atomic read-modify-writes uncontended, reading or writing. Loses
 * when more writers wait than there are cores: the one whose turn it is may not
 * be running.
 */
#include "../rwlock.h"

struct writer_pref {
	_Atomic uint64_t word;
};

/* NEXT is at the top, so that its carry goes nowhere. */
enum { NEXT_SHIFT = 48, NOW_SHIFT = 32 };

#define NEXT_ONE   (UINT64_C(1) << NEXT_SHIFT)
#define NOW_ONE	   (UINT64_C(1) << NOW_SHIFT)
#define TICKET_MAX UINT64_C(0xffff)
#define READERS	   UINT64_C(0xffffffff)

static ALWAYS_INLINE uint64_t look(struct writer_pref *l, memory_order order)
{
	return atomic_load_explicit(&l->word, order);
}

static ALWAYS_INLINE uint64_t next(uint64_t word)
{
	return word >> NEXT_SHIFT;
}

static ALWAYS_INLINE uint64_t now(uint64_t word)
{
	return word >> NOW_SHIFT & TICKET_MAX;
}

static ALWAYS_INLINE bool may_read(uint64_t word)
{
	return next(word) == now(word);
}

static ALWAYS_INLINE bool may_write(uint64_t word, uint64_t ticket)
{
	return now(word) == ticket && !(word & READERS);
}

static ALWAYS_INLINE bool replace(struct writer_pref *l, uint64_t *word,
				  uint64_t by)
{
	/* [A] and [B]; the failure order is relaxed: nothing was acquired */
	return atomic_compare_exchange_strong_explicit(
		&l->word, word, by, memory_order_acquire, memory_order_relaxed);
}

static ALWAYS_INLINE bool try_read(struct writer_pref *l)
{
	uint64_t word = look(l, memory_order_relaxed);

	while (may_read(word)) /* [B] */
		if (replace(l, &word, word + 1))
			return true;
	return false;
}

static COLD int read_slow(struct writer_pref *l, uint64_t deadline)
{
	struct spinner s = { 0 };

	while (!try_read(l))
		if (!spin_once(&s, deadline))
			return SYNC_TIMEOUT;
	return SYNC_OK;
}

static COLD void write_slow(struct writer_pref *l, uint64_t ticket)
{
	struct spinner s = { 0 };

	while (!may_write(look(l, memory_order_acquire), ticket)) /* [A] */
		spin_once(&s, DEADLINE_NEVER);
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
	return read_slow(rwlock, deadline);
}

static inline void wrlock(void *rwlock, void *node)
{
	struct writer_pref *l = rwlock;
	/* [A] */
	uint64_t word = atomic_fetch_add_explicit(&l->word, NEXT_ONE,
						  memory_order_acquire);

	(void)node;
	if (unlikely(!may_write(word, next(word))))
		write_slow(l, next(word));
}

static inline int trywrlock(void *rwlock, void *node)
{
	struct writer_pref *l = rwlock;
	uint64_t word = look(l, memory_order_relaxed);

	(void)node;
	while (may_write(word, next(word))) /* [A] */
		if (replace(l, &word, word + NEXT_ONE))
			return SYNC_OK;
	return SYNC_BUSY;
}

/*
 * relaxed look: while a reader is inside, every value that it can read since
 * it got in counts it, and while a writer is inside every value counts none and
 * NOW stays.
 */
static inline void unlock(void *rwlock, void *node)
{
	struct writer_pref *l = rwlock;
	uint64_t word = look(l, memory_order_relaxed);

	(void)node;
	if (word & READERS) /* [D] */
		atomic_fetch_sub_explicit(&l->word, 1, memory_order_release);
	else if (now(word) < TICKET_MAX) /* [C] */
		atomic_fetch_add_explicit(&l->word, NOW_ONE,
					  memory_order_release);
	else /* [C]: on to ticket 0, and no carry into NEXT */
		atomic_fetch_sub_explicit(&l->word, TICKET_MAX * NOW_ONE,
					  memory_order_release);
}

static void age(void *rwlock, uint32_t left)
{
	struct writer_pref *l = rwlock;
	uint64_t ticket = TICKET_MAX & -left;

	/* relaxed: nobody uses it yet */
	atomic_store_explicit(&l->word, ticket * (NEXT_ONE + NOW_ONE),
			      memory_order_relaxed);
}

REGISTER_RWLOCK(
	.id = {
		.name = FILE_STEM,
		.family = OTHER,
		.brief = "ticketed writers, spins; readers can starve",
		.source = "Courtois et al. 1971, second problem",
		.unsupported = "a writer cannot give back its ticket",
		.flags = IMPL_NO_STARVATION,
		.size = sizeof(struct writer_pref),
		.age = age,
	},
	.rdlock = rdlock,
	.tryrdlock = tryrdlock,
	.timedrdlock = timedrdlock,
	.wrlock = wrlock,
	.trywrlock = trywrlock,
	.unlock = unlock);
