/* SPDX-License-Identifier: MIT */
/*
 * Threads whose end is a word that joiners watch without ever sleeping.
 *
 * Source: a flag and a loop; the rest is in _start.h, with the reason why the
 * threads are detached.
 *
 * State  NEVER    (0) not started, or the system refused
 *        RUNNING  from start to the end
 *        ENDED    until started again
 *        live     count of threads that exit waits for
 *
 * Edges  [A] acquire of the load that reads ENDED pairs with [B]
 *        [B] release store in announce_end pairs with [A]
 *        [C] acquire of the load in live_await pairs with [D]
 *        [D] release of the subtraction in live_sub pairs with [C]: what a
 *            thread did happens before the exit handlers that run after ours
 *
 * Progress: joiners are independent of each other; a long wait yields.
 * Costs: one store at the end, never a wake. Loses whenever the thread runs for
 * longer than a sleep costs, which is why one makes a thread: a joiner, or the
 * exit of the process, keeps a core busy all the while.
 */
#include "../thread.h"

enum state { NEVER, RUNNING, ENDED };

struct end {
	_Atomic uint32_t word;
};

#include "_start.h"

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
	/* [B] */
	atomic_store_explicit(&e->word, ENDED, memory_order_release);
}

static int await_end(struct end *e, uint64_t deadline)
{
	struct spinner s = { 0 };

	while (state_of(e) != ENDED)
		if (!spin_once(&s, deadline))
			return SYNC_TIMEOUT;
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
	atomic_fetch_sub_explicit(&live, 1, memory_order_release);
}

static void live_await(uint32_t rest)
{
	struct spinner s = { 0 };

	/* [C] */
	while (atomic_load_explicit(&live, memory_order_acquire) > rest)
		spin_once(&s, DEADLINE_NEVER);
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
		.name = "spin",
		.family = SPIN,
		.brief = "detached threads whose end is a word to watch",
		.source = "a flag and a loop",
		.size = sizeof(struct thread),
	},
	.start = start,
	.join = join,
	.is_alive = is_alive,
	.name = name);
