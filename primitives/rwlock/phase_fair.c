/* SPDX-License-Identifier: MIT */
/*
 * Phase-fair ticket lock, PF-T: phases of readers and of one writer alternate
 * as long as both are waiting.
 *
 * Source: B. Brandenburg and J. Anderson, "Spin-based reader-writer
 * synchronization for multiprocessor real-time systems" (Real-Time Systems
 * 2010). Changed: a writer's unlock admits readers last, as its last touch, so
 * that a reader may destroy the lock; the phase is toggled in place.
 *
 * State  rin   how many readers have come; beside it the bits of the writer
 *              whose turn it is: PRESENT, it is inside or waits for the readers
 *              before it; PHASE, differs from the writer before
 *        rout  how many readers have left
 *        win   the ticket of the writer that comes next
 *        wout  the ticket whose turn it is; it is that writer's own
 *        writing  a writer is inside; plain, the lock itself guards it
 *
 * Edges  [A] acquire of a reader's arrival, or of its load that finds the
 *            writer's bits changed, pairs with [C]; all changes of rin are
 *            read-modify-writes, so that it sees the writer across a later one
 *        [B] acquire of a writer's toggle of rin pairs with [C], and of its
 *            load that finds all readers gone with [D]
 *        [C] release of the writer's unlock in rin pairs with [A] and [B]
 *        [D] release of the reader's count in rout pairs with [B]
 *        [E] acquire of the load that finds its turn come in wout pairs with
 *            [F]: the writer before it is seen as PRESENT until it has left
 *        [F] release of the next turn in wout pairs with [E]
 *
 * Progress: never sleeps in the kernel but yields. A reader waits for one
 * writer at most; writers, in the order of arrival, each for one phase of
 * readers. A trywrlock that fails may make another one that runs beside it
 * fail. Costs: two atomic read-modify-writes for a reader, three for a writer,
 * over one line. Loses when more threads wait than there are cores: the writer
 * whose turn it is may not be running.
 */
#include "../rwlock.h"

#define PRESENT	    UINT32_C(1)
#define PHASE	    UINT32_C(2)
#define READERS_ONE UINT32_C(4)
#define READERS	    UINT32_C(0xfffffffc) /* modulo 2^30 */

struct phase_fair {
	_Atomic uint32_t rin, rout;
	_Atomic uint32_t win, wout;
	bool writing;
};

static ALWAYS_INLINE uint32_t look(_Atomic uint32_t *word)
{
	return atomic_load_explicit(word, memory_order_relaxed);
}

/* Nobody else writes wout while it is our turn. */
static ALWAYS_INLINE void next_writer(struct phase_fair *l)
{
	/* [F] */
	atomic_store_explicit(&l->wout, look(&l->wout) + 1,
			      memory_order_release);
}

static COLD void read_slow(struct phase_fair *l, uint32_t writer)
{
	struct spinner s = { 0 };

	/* [A]: it has left, even if the next one is there already */
	while ((atomic_load_explicit(&l->rin, memory_order_acquire) &
		(PRESENT | PHASE)) == writer)
		spin_once(&s, DEADLINE_NEVER);
}

static inline void rdlock(void *rwlock, void *node)
{
	struct phase_fair *l = rwlock;
	/* [A] */
	uint32_t before = atomic_fetch_add_explicit(&l->rin, READERS_ONE,
						    memory_order_acquire);

	(void)node;
	if (unlikely(before & PRESENT))
		read_slow(l, before & (PRESENT | PHASE));
}

static ALWAYS_INLINE bool replace_rin(struct phase_fair *l, uint32_t *rin,
				      uint32_t by)
{
	/* the failure order is relaxed: nothing was acquired */
	return atomic_compare_exchange_strong_explicit(
		&l->rin, rin, by, memory_order_acquire, memory_order_relaxed);
}

static inline int tryrdlock(void *rwlock, void *node)
{
	struct phase_fair *l = rwlock;
	uint32_t rin = look(&l->rin);

	(void)node;
	while (!(rin & PRESENT)) /* [A] */
		if (replace_rin(l, &rin, rin + READERS_ONE))
			return SYNC_OK;
	return SYNC_BUSY;
}

static inline void wrlock(void *rwlock, void *node)
{
	struct phase_fair *l = rwlock;
	struct spinner s = { 0 };
	/* relaxed: the tickets make the order, rin and rout publish */
	uint32_t ticket =
		atomic_fetch_add_explicit(&l->win, 1, memory_order_relaxed);

	(void)node;
	/* [E] */
	while (atomic_load_explicit(&l->wout, memory_order_acquire) != ticket)
		spin_once(&s, DEADLINE_NEVER);
	/* the writer before us is on its way out */
	while (look(&l->rin) & PRESENT)
		spin_once(&s, DEADLINE_NEVER);

	/* [B] */
	uint32_t rin = atomic_fetch_xor_explicit(&l->rin, PRESENT | PHASE,
						 memory_order_acquire);

	/* [B]: later readers wait for us and do not count */
	while (atomic_load_explicit(&l->rout, memory_order_acquire) !=
	       (rin & READERS))
		spin_once(&s, DEADLINE_NEVER);
	l->writing = true;
}

/* It is our turn: get in if no reader is inside (unless 2^30 come in between).
 */
static ALWAYS_INLINE bool try_phase(struct phase_fair *l)
{
	uint32_t rin = look(&l->rin);

	while (!(rin & PRESENT) && /* [B] */
	       atomic_load_explicit(&l->rout, memory_order_acquire) ==
		       (rin & READERS))
		if (replace_rin(l, &rin, rin ^ (PRESENT | PHASE))) /* [B] */
			return true;
	return false;
}

static inline int trywrlock(void *rwlock, void *node)
{
	struct phase_fair *l = rwlock;
	uint32_t ticket = look(&l->wout);

	(void)node;
	if (!atomic_compare_exchange_strong_explicit(
		    &l->win, &ticket, ticket + 1, memory_order_relaxed,
		    memory_order_relaxed))
		return SYNC_BUSY;
	if (!try_phase(l)) {
		next_writer(l);
		return SYNC_BUSY;
	}
	l->writing = true;
	return SYNC_OK;
}

/* Readers inside have been let in by the last writer to leave, and keep out the
 * next: they see writing as false, and it does not change under them. */
static inline void unlock(void *rwlock, void *node)
{
	struct phase_fair *l = rwlock;

	(void)node;
	if (!l->writing) { /* [D] */
		atomic_fetch_add_explicit(&l->rout, READERS_ONE,
					  memory_order_release);
		return;
	}
	l->writing = false;
	next_writer(l);
	/* [C] */
	atomic_fetch_and_explicit(&l->rin, ~PRESENT, memory_order_release);
}

static void age(void *rwlock, uint32_t left)
{
	struct phase_fair *l = rwlock;
	uint32_t readers = -left * READERS_ONE;

	/* relaxed: nobody uses it yet */
	atomic_store_explicit(&l->rin, readers, memory_order_relaxed);
	atomic_store_explicit(&l->rout, readers, memory_order_relaxed);
	atomic_store_explicit(&l->win, -left, memory_order_relaxed);
	atomic_store_explicit(&l->wout, -left, memory_order_relaxed);
}

REGISTER_RWLOCK(
	.id = {
		.name = FILE_STEM,
		.family = OTHER,
		.brief = "phases of readers and one writer alternate; spins",
		.source = "Brandenburg and Anderson 2010, PF-T",
		.unsupported = "who has come is counted and cannot leave early",
		.flags = IMPL_NO_STARVATION,
		.size = sizeof(struct phase_fair),
		.age = age,
	},
	.rdlock = rdlock,
	.tryrdlock = tryrdlock,
	.wrlock = wrlock,
	.trywrlock = trywrlock,
	.unlock = unlock);
