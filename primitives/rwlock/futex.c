/* SPDX-License-Identifier: MIT */
/*
 * Readers-writer lock in one futex word; a waiting writer holds back new
 * readers.
 *
 * Source: the preference as in P. Courtois et al., "Concurrent control with
 * 'readers' and 'writers'" (1971), second problem; two kinds of sleepers on one
 * word by FUTEX_WAIT_BITSET, futex(2).
 *
 * State  see _word.h. Readers and writers sleep on the same word, under a bit
 *        each, so that a release can wake one writer or all readers.
 *
 * Edges  [A] to [D] in _word.h
 *
 * Progress: barging. New readers wait as soon as a writer has announced itself
 * (after a short spin), so readers cannot starve writers; writers that follow
 * one another without a gap starve readers. A writer that gives up lets the
 * readers pass that it held back, if it was the last.
 * Costs: two atomic read-modify-writes uncontended, reading or writing; a
 * FUTEX_WAKE by the last reader if a writer is announced, and by a writer if
 * anybody waits. Loses to per-core reader counts when many cores only read:
 * all of them write the same word.
 */
#include "_word.h"

enum { AS_READER = 1, AS_WRITER = 2 };

/* As long as a sleep and a wake-up would cost: see mutex/futex.c. */
enum { SPIN_TURNS = TURNS(100) };

/* A short wait; false when others sleep already, or it takes too long. */
static bool spin(struct rwlock *l, bool write)
{
	for (int i = 0; i < SPIN_TURNS; i++) {
		uint32_t word = look(l);

		if (write ? may_write(word) && try_write(l)
			  : may_read(word) && try_read(l))
			return true;
		if (word & (PENDING | READERS_ASLEEP))
			return false;
		cpu_relax();
	}
	return false;
}

static void wake_readers(struct rwlock *l)
{
	futex_wake_bits(&l->word, INT_MAX, AS_READER);
}

static void wake_writer(struct rwlock *l)
{
	futex_wake_bits(&l->word, 1, AS_WRITER);
}

/* Sleep while the word is this one; true once the deadline has passed. */
static bool doze(struct rwlock *l, uint32_t word, uint64_t deadline,
		 uint32_t bits)
{
	return futex_wait_bits(&l->word, word, deadline, bits) == ETIMEDOUT;
}

/* A count is full, and nobody will wake us for that. */
static bool doze_full(uint64_t deadline)
{
	yield_core();
	return deadline_passed(deadline);
}

static COLD int read_slow(struct rwlock *l, uint64_t deadline)
{
	bool late = false;

	if (spin(l, false))
		return SYNC_OK;
	while (!try_read(l)) {
		uint32_t word = look(l);

		if (may_read(word))
			continue;
		if (late)
			return SYNC_TIMEOUT;
		if (!(word & (WRITER | PENDING))) {
			late = doze_full(deadline);
			continue;
		}
		/* relaxed: it asks for a wake and publishes nothing */
		if (!(word & READERS_ASLEEP) &&
		    !replace(l, &word, word | READERS_ASLEEP,
			     memory_order_relaxed))
			continue;
		late = doze(l, word | READERS_ASLEEP, deadline, AS_READER);
	}
	return SYNC_OK;
}

/* Take back the announcement; the last one lets the readers pass. */
static bool retract(struct rwlock *l, uint32_t word)
{
	uint32_t by = word - PENDING_ONE;
	bool pass = !(by & (PENDING | WRITER)) && (by & READERS_ASLEEP);

	if (pass)
		by &= ~READERS_ASLEEP;
	/* relaxed: nothing was written under the lock */
	if (!replace(l, &word, by, memory_order_relaxed))
		return false;
	if (pass)
		wake_readers(l);
	return true;
}

static COLD int write_slow(struct rwlock *l, uint64_t deadline)
{
	uint32_t mine = 0; /* PENDING_ONE once announced */
	bool late = false;

	if (spin(l, true))
		return SYNC_OK;
	for (;;) {
		uint32_t word = look(l);

		if (may_write(word)) { /* [A] */
			if (replace(l, &word, (word - mine) | WRITER,
				    memory_order_acquire))
				return SYNC_OK;
		} else if (late) {
			if (!mine || retract(l, word))
				return SYNC_TIMEOUT;
		} else if (mine) {
			late = doze(l, word, deadline, AS_WRITER);
		} else if ((word & PENDING) == PENDING) {
			late = doze_full(deadline);
		} else if (replace(l, &word, word + PENDING_ONE,
				   memory_order_relaxed)) {
			mine = PENDING_ONE;
		}
	}
}

static ALWAYS_INLINE void read_unlocked(struct rwlock *l, uint32_t before)
{
	if (unlikely((before & READERS) == READERS_ONE && (before & PENDING)))
		wake_writer(l);
}

static COLD void write_unlock_slow(struct rwlock *l)
{
	uint32_t word = look(l);
	uint32_t by;

	do /* a pending writer goes first: the readers sleep on */
		by = word & PENDING ? word & ~WRITER : 0;
	while (!replace(l, &word, by, memory_order_release)); /* [C] */
	if (word & PENDING)
		wake_writer(l);
	else if (word & READERS_ASLEEP)
		wake_readers(l);
}

REGISTER_RWLOCK(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "one futex word; a waiting writer holds back readers",
		.source = "Courtois et al. 1971, second problem",
		.flags = IMPL_NO_STARVATION,
		.size = sizeof(struct rwlock),
	},
	.rdlock = rdlock,
	.tryrdlock = tryrdlock,
	.timedrdlock = timedrdlock,
	.wrlock = wrlock,
	.trywrlock = trywrlock,
	.timedwrlock = timedwrlock,
	.unlock = unlock);
