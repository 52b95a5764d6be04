/* SPDX-License-Identifier: MIT */
/*
 * A condition with two groups of waiters, an older one that is being signalled
 * and a newer one. When the older is empty the newer takes its place, and its
 * word, which counts signals, goes to the next group. A waiter that is late to
 * sleep finds it so: it takes a signal that is not its own and puts it back, or
 * sleeps on a zero that is not its own (ABA).
 *
 * Reduced from glibc's: the groups have a lock, and closing one waits for
 * nobody. Repaired, the word tells its group, so that a waiter can neither take
 * another group's signals nor wait for them.
 *
 * Bug:       pub-cond-group-steal
 * Source:    glibc bug 25847, commit 1db84775f8 (2024); steps reduced
 * Scenario:  A is about to sleep; a signal for A; B waits; a signal for B
 *            closes the group of A; A sleeps
 * Violation: lost wake-up
 * Caught by: preempt, perturb
 * Rare:      a preemption of one of five threads over a round of the others
 * Explored by: a_signal_each (deadlock)
 */
#include "../../../../primitives/cond.h"
#include "../canary.h"
#include "../small_lock.h"

struct group {
	_Atomic uint32_t word; /* signals to take; see empty */
	uint32_t waiters; /* that have not been signalled; under the lock */
};

struct cond {
	struct small_lock lock;
	_Atomic uint32_t older;	 /* the number of this group */
	struct group groups[2];	 /* even and odd numbers */
	_Atomic uint32_t inside; /* threads that will touch it again */
};

static struct group *group_of(struct cond *c, uint32_t number)
{
	return &c->groups[number % 2];
}

static uint32_t older(struct cond *c)
{
	return atomic_load_explicit(&c->older, memory_order_relaxed);
}

#if BROKEN
/* The word of a group without signals. */
static uint32_t empty(uint32_t number)
{
	(void)number;
	return 0;
}

static bool closed(struct cond *c, uint32_t number, uint32_t word)
{
	(void)word;
	return (int32_t)(older(c) - number) > 0;
}

/* The signal that we took may have been another group's. */
static void put_back(struct cond *c, uint32_t number)
{
	struct group *g = group_of(c, number);

	if (!closed(c, number, 0))
		return;
	atomic_fetch_add_explicit(&g->word, 1, memory_order_relaxed);
	futex_wake(&g->word, 1);
}
#else
/* The upper half says which of all groups that use the word in turn. */
enum { SIGNALS_BITS = 16 };

static uint32_t empty(uint32_t number)
{
	return number / 2 << SIGNALS_BITS;
}

static bool closed(struct cond *c, uint32_t number, uint32_t word)
{
	(void)c;
	return (word ^ empty(number)) >> SIGNALS_BITS;
}

static void put_back(struct cond *c, uint32_t number)
{
	(void)c, (void)number;
}
#endif

/* A signal lets a waiter go, and so does the end of its group. */
static void await_signal(struct cond *c, uint32_t number)
{
	struct group *g = group_of(c, number);
	uint32_t word = atomic_load_explicit(&g->word, memory_order_relaxed);

	while (!closed(c, number, word)) {
		if (word == empty(number)) {
			futex_wait(&g->word, word, DEADLINE_NEVER);
			word = atomic_load_explicit(&g->word,
						    memory_order_relaxed);
		} else if (atomic_compare_exchange_weak_explicit(
				   &g->word, &word, word - 1,
				   memory_order_relaxed,
				   memory_order_relaxed)) {
			put_back(c, number);
			return;
		}
	}
}

static void wait(void *cond, const struct guard *g)
{
	struct cond *c = cond;
	uint32_t number;

	small_lock(&c->lock);
	number = older(c) + 1;
	group_of(c, number)->waiters++;
	atomic_fetch_add_explicit(&c->inside, 1, memory_order_relaxed);
	small_unlock(&c->lock);

	unsigned depth = guard_release(g);

	await_signal(c, number);
	/* release: destroy comes after our last access */
	atomic_fetch_sub_explicit(&c->inside, 1, memory_order_release);
	guard_acquire(g, depth);
}

/* All of the older group have been signalled: on to the newer one. */
static void close_older(struct cond *c)
{
	uint32_t number = older(c);

	atomic_store_explicit(&c->older, number + 1, memory_order_relaxed);
	atomic_store_explicit(&group_of(c, number)->word, empty(number + 2),
			      memory_order_relaxed);
}

/* Under the lock; false: nobody waits. */
static bool send(struct cond *c)
{
	struct group *g = group_of(c, older(c));

	if (!g->waiters) {
		if (!group_of(c, older(c) + 1)->waiters)
			return false;
		close_older(c);
		g = group_of(c, older(c));
	}
	g->waiters--;
	atomic_fetch_add_explicit(&g->word, 1, memory_order_relaxed);
	futex_wake(&g->word, 1);
	return true;
}

static void signal(void *cond, unsigned n)
{
	struct cond *c = cond;

	small_lock(&c->lock);
	while (n && send(c))
		n--;
	small_unlock(&c->lock);
}

static void broadcast(void *cond)
{
	signal(cond, UINT_MAX);
}

/* Who was woken may still be on its way out. */
static void destroy(void *cond)
{
	struct cond *c = cond;

	while (atomic_load_explicit(&c->inside, memory_order_acquire))
		sched_yield();
}

REGISTER_COND(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a late waiter meets the next group's signals"),
		.source = "glibc bug 25847",
		.unsupported = "the fault needs no deadline",
		.size = sizeof(struct cond),
	},
	.destroy = destroy,
	.wait = wait,
	.signal = signal,
	.broadcast = broadcast);
