/* SPDX-License-Identifier: MIT */
/*
 * Threads whose end is a futex word; any number of joiners, in time.
 *
 * Source: the word that a join sleeps on as in U. Drepper's nptl and in musl's
 * pthread_join (there the kernel writes it), here with a mark for sleepers as
 * in his "Futexes Are Tricky" (2011). The rest is in _start.h, with the reason
 * why the threads are detached.
 *
 * State  NEVER    (0) not started, or the system refused
 *        RUNNING  from start to the end; nobody sleeps
 *        AWAITED  running, and a joiner may sleep. May be stale (it has timed
 *                 out): the price is one needless wake.
 *        ENDED    until started again
 *        live     count of threads that exit waits for, and EXITING: exit
 *                 sleeps; illegal to be clear while it does
 *
 * Edges  [A] acquire of the load that reads ENDED pairs with [B]
 *        [B] release of the exchange in announce_end pairs with [A]
 *        [C] acquire of the loads in live_await pairs with [D]
 *        [D] release of the subtraction in live_sub pairs with [C]: what a
 *            thread did happens before the exit handlers that run after ours
 *
 * Progress: all joiners are woken at once. Costs: one exchange at the end, a
 * wake if somebody sleeps; join of an ended thread is one load. The joiner runs
 * while the C library still puts the thread away.
 */
#include "../thread.h"

enum state { NEVER, RUNNING, AWAITED, ENDED };

struct end {
	_Atomic uint32_t word;
};

#include "_start.h"

#define EXITING (UINT32_C(1) << 31)

static _Atomic uint32_t live;

static enum state state_of(struct end *e)
{
	/* [A] */
	return atomic_load_explicit(&e->word, memory_order_acquire);
}

static void set_state(struct end *e, enum state s)
{
	/* relaxed: pthread_create publishes, or there is nothing to see */
	atomic_store_explicit(&e->word, s, memory_order_relaxed);
}

static void announce_end(struct end *e)
{
	/* [B]; the wake touches no memory, its address is only a key */
	if (atomic_exchange_explicit(&e->word, ENDED, memory_order_release) ==
	    AWAITED)
		futex_wake_all(&e->word);
}

static int await_end(struct end *e, uint64_t deadline)
{
	enum state s;

	while ((s = state_of(e)) != ENDED) {
		uint32_t expected = RUNNING;

		/* relaxed: the mark tells the thread to wake us, no more */
		if (s == RUNNING &&
		    !atomic_compare_exchange_strong_explicit(
			    &e->word, &expected, AWAITED, memory_order_relaxed,
			    memory_order_relaxed))
			continue;
		if (futex_wait(&e->word, AWAITED, deadline) == ETIMEDOUT)
			return state_of(e) == ENDED ? SYNC_OK : SYNC_TIMEOUT;
	}
	return SYNC_OK;
}

static void live_add(void)
{
	/* relaxed: a count; whoever starts a thread is live itself or main */
	atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
}

static void live_sub(void)
{
	/* [D] */
	if (atomic_fetch_sub_explicit(&live, 1, memory_order_release) & EXITING)
		futex_wake_all(&live);
}

static void live_await(uint32_t rest)
{
	/* [C] */
	uint32_t n = EXITING | atomic_fetch_or_explicit(&live, EXITING,
							memory_order_acquire);

	while ((n & ~EXITING) > rest) {
		futex_wait(&live, n, DEADLINE_NEVER);
		n = atomic_load_explicit(&live, memory_order_acquire);
	}
}

static void live_reset(uint32_t rest)
{
	/* relaxed: there is no other thread yet */
	atomic_store_explicit(&live, rest, memory_order_relaxed);
}

/* Nothing that could be held at a fork. */
static void live_before_fork(void)
{
}

static void live_after_fork(void)
{
}

REGISTER_THREAD(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "detached threads whose end is a futex word",
		.source = "the join word of nptl and musl",
		.size = sizeof(struct thread),
	},
	.start = start,
	.join = join,
	.is_alive = is_alive,
	.name = name);
