/* SPDX-License-Identifier: MIT */
/*
 * Readers-writer spinlock in one word; a waiting writer holds back new readers.
 *
 * Source: the preference as in P. Courtois et al., "Concurrent control with
 * 'readers' and 'writers'" (1971), second problem.
 *
 * State  see _word.h; READERS_ASLEEP is never set
 *
 * Edges  [A] to [D] in _word.h
 *
 * Progress: barging, never sleeps in the kernel but yields. New readers wait as
 * soon as a writer waits, so readers cannot starve writers; writers that follow
 * one another without a gap starve readers.
 * Costs: two atomic read-modify-writes uncontended, reading or writing. Loses
 * when sections are long: every waiter burns a core or keeps the scheduler
 * busy.
 */
#include "_word.h"

static COLD int read_slow(struct rwlock *l, uint64_t deadline)
{
	struct spinner s = { 0 };

	while (!try_read(l))
		if (!spin_once(&s, deadline))
			return SYNC_TIMEOUT;
	return SYNC_OK;
}

static COLD int write_slow(struct rwlock *l, uint64_t deadline)
{
	struct spinner s = { 0 };
	uint32_t mine = 0; /* PENDING_ONE once announced */

	for (;;) {
		uint32_t word = look(l);

		if (may_write(word)) { /* [A] */
			if (replace(l, &word, (word - mine) | WRITER,
				    memory_order_acquire))
				return SYNC_OK;
			continue;
		}
		/* relaxed: it holds back readers and publishes nothing */
		if (!mine && (word & PENDING) != PENDING &&
		    replace(l, &word, word + PENDING_ONE, memory_order_relaxed))
			mine = PENDING_ONE;
		if (!spin_once(&s, deadline))
			break;
	}
	if (mine)
		atomic_fetch_sub_explicit(&l->word, mine, memory_order_relaxed);
	return SYNC_TIMEOUT;
}

static ALWAYS_INLINE void read_unlocked(struct rwlock *l, uint32_t before)
{
	(void)l, (void)before; /* writers look for themselves */
}

static COLD void write_unlock_slow(struct rwlock *l)
{
	/* [C] */
	atomic_fetch_sub_explicit(&l->word, WRITER, memory_order_release);
}

REGISTER_RWLOCK(
	.id = {
		.name = "spin",
		.family = SPIN,
		.brief = "one word, spins; a waiting writer holds back readers",
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
