/* SPDX-License-Identifier: MIT */
/*
 * A futex mutex whose unlock looks into the word once more when it has given it
 * back, to see whether anybody waits. By then another thread may have locked
 * and unlocked it, found itself the last user, and freed the memory.
 *
 * Bug:       pub-lock-touch-after-release
 * Source:    glibc bug 13690, commit 389fdf78b2 (2015); musl c68de0be (2011);
 *            Linux d6abfdb20223 (2015)
 * Scenario:  a heap object with a lock and two users: whoever is the last to
 *            unlock frees it
 * Violation: use after free
 * Caught by: perturb, preempt, tsan-gcc, tsan-clang
 * Explored by: last_one_frees_2 (use after free)
 */
#include "../../../../primitives/mutex.h"
#include "../canary.h"

/* HELD, and beside it how many wait, in steps of WAITER. */
enum { HELD = 1, WAITER = 2 };

struct counted {
	_Atomic uint32_t word;
};

/* Take it if it is free, where as many waiters leave with us. */
static bool take(struct counted *m, uint32_t word, uint32_t leave)
{
	while (!(word & HELD))
		if (atomic_compare_exchange_strong_explicit(
			    &m->word, &word, (word - leave) | HELD,
			    memory_order_acquire, memory_order_relaxed))
			return true;
	return false;
}

static uint32_t look(struct counted *m)
{
	return atomic_load_explicit(&m->word, memory_order_relaxed);
}

static int trylock(void *mutex, void *node)
{
	(void)node;
	return take(mutex, look(mutex), 0) ? SYNC_OK : SYNC_BUSY;
}

static void lock(void *mutex, void *node)
{
	struct counted *m = mutex;
	uint32_t word;

	if (trylock(m, node) == SYNC_OK)
		return;
	word = atomic_fetch_add_explicit(&m->word, WAITER,
					 memory_order_relaxed) +
	       WAITER;
	while (!take(m, word, WAITER)) {
		word = look(m);
		if (!(word & HELD))
			continue;
		futex_wait(&m->word, word, DEADLINE_NEVER);
		word = look(m);
	}
}

static void unlock(void *mutex, void *node)
{
	struct counted *m = mutex;
	uint32_t word;

	(void)node;
#if BROKEN
	atomic_fetch_sub_explicit(&m->word, HELD, memory_order_release);
	word = look(m);
#else
	word = atomic_fetch_sub_explicit(&m->word, HELD, memory_order_release);
#endif
	if (word >= WAITER)
		futex_wake(&m->word, 1);
}

REGISTER_MUTEX(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("unlock reads the word after its release"),
		.source = "glibc bug 13690",
		.unsupported = "a canary has no timed form",
		.size = sizeof(struct counted),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock);
