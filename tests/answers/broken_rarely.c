/* SPDX-License-Identifier: MIT */
/*
 * A spinlock that lets a second thread in once in a million operations, when it
 * has just seen another one enter. A timed window has to notice.
 *
 * The atomics are relaxed where they only count.
 */
#include "../../primitives/mutex.h"

enum { ONCE_IN = 1000000 };

struct broken_rarely {
	_Atomic uint32_t held;
	_Atomic uint32_t open; /* the next that has to wait need not */
	_Atomic uint32_t n;    /* operations; written by the holder */
};

/* The caller's: has it come in beside the holder? */
struct ticket {
	bool unlawful;
};

static bool take(struct broken_rarely *m)
{
	return !atomic_exchange_explicit(&m->held, 1, memory_order_acquire);
}

static uint32_t entered(struct broken_rarely *m)
{
	return atomic_load_explicit(&m->n, memory_order_relaxed);
}

/* False if nobody comes, since the others have left. */
static bool see_another_enter(struct broken_rarely *m)
{
	uint32_t before = entered(m);
	uint64_t end = deadline_in(NS_PER_MS);

	while (entered(m) == before)
		if (deadline_passed(end))
			return false;
	return true;
}

static void lock(void *mutex, void *node)
{
	struct broken_rarely *m = mutex;
	struct ticket *t = node;
	struct spinner s = { 0 };

	t->unlawful = false;
	while (!take(m)) {
		spin_once(&s, DEADLINE_NEVER);
		if (!atomic_load_explicit(&m->open, memory_order_relaxed) ||
		    !atomic_exchange_explicit(&m->open, 0,
					      memory_order_relaxed))
			continue;
		t->unlawful = see_another_enter(m);
		if (t->unlawful)
			return; /* the fault */
		atomic_store_explicit(&m->open, 1, memory_order_relaxed);
	}

	uint32_t n = entered(m) + 1;

	atomic_store_explicit(&m->n, n, memory_order_relaxed);
	if (n % ONCE_IN == 0)
		atomic_store_explicit(&m->open, 1, memory_order_relaxed);
}

static void unlock(void *mutex, void *node)
{
	struct broken_rarely *m = mutex;

	if (!((struct ticket *)node)->unlawful)
		atomic_store_explicit(&m->held, 0, memory_order_release);
}

REGISTER_MUTEX(
	.id = {
		.name = "broken_rarely",
		.brief = "known answer: excludes all but once in a million",
		.source = "planted",
		.unsupported = "a known answer has no try or timed form",
		.size = sizeof(struct broken_rarely),
		.node_size = sizeof(struct ticket),
	},
	.lock = lock,
	.unlock = unlock);
