/* SPDX-License-Identifier: MIT */
/*
 * A readers-writer lock that goes from phases of reading to phases of writing
 * and back. Readers sleep on a word of its own, the gate, and mark it before
 * they do; whoever begins a phase of reading opens it and wakes them if it was
 * marked. The try forms forget about the mark: tryrdlock opens the gate without
 * a look at it, and trywrlock shuts the gate again where it was shut already,
 * over a mark that a reader has set in between.
 *
 * Bug:       pub-rwlock-trylock-stall
 * Source:    glibc bug 23844, commit 5fc9ed4c40 (2019)
 * Scenario:  a reader on its way to sleep when a writer leaves, a tryrdlock
 *            that comes first and stays inside; or trywrlock and unlock in a
 *            loop beside rdlock and unlock
 * Violation: lost wake-up
 * Caught by: perturb
 * Rare:      two preemptions within a few instructions
 * Explored by: try_forgets_no_sleeper (livelock)
 */
#include "../../../../primitives/rwlock.h"
#include "../canary.h"

/*
 * WRITING  the phase; readers do not get in. It stays after the writer has
 *          left, until a reader ends it
 * WRITER   a writer is inside
 * QUEUED   writers may sleep, on this word
 * READER   steps of how many readers are inside or wait for their phase
 */
enum { WRITING = 1, WRITER = 2, QUEUED = 4, READER = 8 };

/* The gate may lag behind the phase: a reader that waits goes by both. */
enum { OPEN = 0, SHUT = 1, MARKED = 2 };

struct phases {
	_Atomic uint32_t word;
	_Atomic uint32_t gate;
};

static bool replace(struct phases *l, uint32_t *word, uint32_t by,
		    memory_order order)
{
	return atomic_compare_exchange_strong_explicit(
		&l->word, word, by, order, memory_order_relaxed);
}

static uint32_t look(struct phases *l)
{
	return atomic_load_explicit(&l->word, memory_order_relaxed);
}

/* By whoever has begun a phase of reading. A writer has left by then: it is a
 * reader that waited who may be the last, hence release and acquire. */
static void open_gate(struct phases *l)
{
	if (atomic_exchange_explicit(&l->gate, OPEN, memory_order_release) &
	    MARKED)
		futex_wake_all(&l->gate);
}

static void wait_at_gate(struct phases *l)
{
	uint32_t gate;

	while ((gate = atomic_load_explicit(&l->gate, memory_order_acquire)) !=
	       OPEN)
		if ((gate & MARKED) ||
		    atomic_compare_exchange_strong_explicit(
			    &l->gate, &gate, gate | MARKED,
			    memory_order_relaxed, memory_order_relaxed))
			futex_wait(&l->gate, SHUT | MARKED, DEADLINE_NEVER);
}

static void rdlock(void *rwlock, void *node)
{
	struct phases *l = rwlock;
	struct spinner s = { 0 };
	uint32_t word = atomic_fetch_add_explicit(&l->word, READER,
						  memory_order_acquire);

	(void)node;
	if (!(word & WRITING))
		return;
	word += READER;
	while ((word & WRITING) && !(word & WRITER))
		if (replace(l, &word, word - WRITING, memory_order_acquire)) {
			open_gate(l);
			return;
		}
	/* somebody else begins our phase; the gate may be open from the last */
	while (atomic_load_explicit(&l->word, memory_order_acquire) & WRITING) {
		wait_at_gate(l);
		spin_once(&s, DEADLINE_NEVER);
	}
	/* a writer that has left has still to open it: no destruction before */
	wait_at_gate(l);
}

static int tryrdlock(void *rwlock, void *node)
{
	struct phases *l = rwlock;
	uint32_t word = look(l);

	(void)node;
	while (!(word & WRITING) || !(word & WRITER)) {
		uint32_t begins = word & WRITING;

		if (!replace(l, &word, word - begins + READER,
			     memory_order_acquire))
			continue;
#if BROKEN
		if (begins)
			atomic_store_explicit(&l->gate, OPEN,
					      memory_order_release);
#else
		if (begins)
			open_gate(l);
#endif
		return SYNC_OK;
	}
	return SYNC_BUSY;
}

/* Begin a phase of writing, or go on with one that is; then it is SHUT. */
static int take(struct phases *l, bool always_shut)
{
	uint32_t word = look(l);

	while (word < READER && !(word & WRITER)) {
		/* other writers that wait will say so again */
		if (!replace(l, &word, WRITING | WRITER, memory_order_acquire))
			continue;
		if (always_shut || !(word & WRITING))
			atomic_store_explicit(&l->gate, SHUT,
					      memory_order_relaxed);
		return SYNC_OK;
	}
	return SYNC_BUSY;
}

static int trywrlock(void *rwlock, void *node)
{
	(void)node;
	return take(rwlock, BROKEN);
}

static void wrlock(void *rwlock, void *node)
{
	struct phases *l = rwlock;

	(void)node;
	while (take(l, false)) {
		uint32_t word = look(l);

		if ((word >= READER || (word & WRITER)) &&
		    ((word & QUEUED) ||
		     replace(l, &word, word | QUEUED, memory_order_relaxed)))
			futex_wait(&l->word, word | QUEUED, DEADLINE_NEVER);
	}
}

static void unlock(void *rwlock, void *node)
{
	struct phases *l = rwlock;
	uint32_t word = look(l), by;

	(void)node;
	do {
		by = word & WRITER ? word - WRITER : word - READER;
		/* the readers that wait begin their phase */
		if ((word & WRITER) && word >= READER)
			by -= WRITING;
	} while (!replace(l, &word, by, memory_order_release));
	if ((word & WRITER) && by >= READER)
		open_gate(l);
	else if (by < READER && (by & QUEUED))
		futex_wake_all(&l->word);
}

REGISTER_RWLOCK(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("the try forms forget sleeping readers"),
		.source = "glibc bug 23844",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct phases),
	},
	.rdlock = rdlock,
	.tryrdlock = tryrdlock,
	.wrlock = wrlock,
	.trywrlock = trywrlock,
	.unlock = unlock);
