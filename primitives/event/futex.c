/* SPDX-License-Identifier: MIT */
/*
 * An event in one futex word: a flag and the number of times it was set.
 *
 * Source: own. The need for a generation: R. Chen, "PulseEvent is fundamentally
 * flawed" (2005); a level alone is gone before a woken waiter looks at it.
 *
 * State  SET         the flag
 *        WAITED      somebody may sleep; never together with SET. May be stale
 *                    (the sleeper has timed out): one needless wake.
 *        GENERATION  how often the flag has gone up, in the other 30 bits. A
 *                    waiter leaves when it sees the flag or another generation.
 *                    It would be misled by a multiple of 2^30 sets between two
 *                    of its own looks.
 *
 * Edges  [A] acquire load of a waiter or of is_set pairs with [B]
 *        [B] release of the compare-exchange in set, even if the flag is up
 *            already, pairs with [A] and [C]. Every change of the word is a
 *            read-modify-write, so that the edge outlives a clear.
 *        [C] acquire of the fetch-and in clear pairs with [B]: whoever clears
 *            sees what the sets that it undoes announce. Were set a mere load
 *            when the flag is up, that load could overtake the stores before
 *            it, and clear would lose their announcement.
 *
 * Progress: set and clear are lock-free; waiters spin a little and then sleep.
 * Costs: one read-modify-write for set and for clear, one load for wait and
 * is_set when set; one FUTEX_WAKE a set, if somebody sleeps. Loses when many
 * threads wait and each set is meant for one of them: all are woken.
 */
#include "../event.h"

enum { SET = 1, WAITED = 2, GENERATION = 4 };

struct futex {
	_Atomic uint32_t word;
};

/* Has the event been set since a waiter saw the word `first` without SET? */
static ALWAYS_INLINE bool released(struct futex *e, uint32_t first)
{
	/* [A] */
	uint32_t word = atomic_load_explicit(&e->word, memory_order_acquire);

	return (word ^ first) & ~(uint32_t)WAITED;
}

/* Announce a sleeper; false if there is no reason to sleep any more. */
static bool announce(struct futex *e, uint32_t first)
{
	uint32_t word = first & ~(uint32_t)WAITED;

	/* relaxed: it only passes on what set has released */
	return atomic_compare_exchange_strong_explicit(&e->word, &word,
						       word | WAITED,
						       memory_order_relaxed,
						       memory_order_relaxed) ||
	       word == (first | WAITED);
}

static COLD int wait_slow(struct futex *e, uint32_t first, uint64_t deadline)
{
	struct backoff b = { 0 };

	while (deadline && backoff_or_yield(&b))
		if (released(e, first))
			return SYNC_OK;
	while (announce(e, first)) {
		if (futex_wait(&e->word, first | WAITED, deadline) == ETIMEDOUT)
			return released(e, first) ? SYNC_OK : SYNC_TIMEOUT;
		if (released(e, first))
			return SYNC_OK;
	}
	/* the word has moved on, and only set moves it: this is for [A] */
	(void)released(e, first);
	return SYNC_OK;
}

static inline int timedwait(void *event, uint64_t deadline)
{
	struct futex *e = event;
	/* [A] */
	uint32_t word = atomic_load_explicit(&e->word, memory_order_acquire);

	return likely(word & SET) ? SYNC_OK : wait_slow(e, word, deadline);
}

static inline void wait(void *event)
{
	timedwait(event, DEADLINE_NEVER);
}

static inline void set(void *event)
{
	struct futex *e = event;
	uint32_t old = atomic_load_explicit(&e->word, memory_order_relaxed);
	uint32_t next;

	do {
		next = old & SET ? old
				 : (((old & ~(uint32_t)WAITED) + GENERATION) |
				    SET);
		/* [B] */
	} while (!atomic_compare_exchange_weak_explicit(&e->word, &old, next,
							memory_order_release,
							memory_order_relaxed));
	if (unlikely(old & WAITED))
		futex_wake_all(&e->word);
}

static inline void clear(void *event)
{
	struct futex *e = event;

	/* [C] */
	atomic_fetch_and_explicit(&e->word, ~(uint32_t)SET,
				  memory_order_acquire);
}

static inline bool is_set(void *event)
{
	struct futex *e = event;

	/* [A] */
	return atomic_load_explicit(&e->word, memory_order_acquire) & SET;
}

static void age(void *event, uint32_t left)
{
	struct futex *e = event;

	/* relaxed: nobody uses it yet */
	atomic_store_explicit(&e->word, -left * GENERATION,
			      memory_order_relaxed);
}

REGISTER_EVENT(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "flag and generation in one word, bounded spin, futex",
		.source = "own",
		.size = sizeof(struct futex),
		.age = age,
	},
	.set = set,
	.clear = clear,
	.is_set = is_set,
	.wait = wait,
	.timedwait = timedwait);
