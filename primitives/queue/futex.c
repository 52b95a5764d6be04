/* SPDX-License-Identifier: MIT */
/*
 * Lock-free ring or segments; who must wait looks a while, then sleeps at an
 * event count that wakes one at a time.
 *
 * Source: the structures as in _ring.h and _segments.h; the gate is an event
 * count (D. Vyukov's, and D. Reed and R. Kanodia, CACM 1979) with one wake-up
 * under way at a time.
 *
 * State  of a gate
 *        waiting  how many are registered. Read by all, so that an operation
 *                 that nobody waits for pays a load.
 *        word     bit 0 PENDING: a waiter was woken and has not looked yet;
 *                 further notifications are left to it. May be stale when all
 *                 have left: who registers clears it. Above: the epoch, moved
 *                 by each notification. It would have to move by 2^31 between
 *                 a waiter's reading it and its futex call to be missed.
 *
 * Why no wake-up is lost: a waiter registers, clears PENDING, looks, sleeps;
 * woken it clears PENDING, looks. Say X was put after the last look of those
 * who sleep. Its putter saw them registered. It either moved the epoch and
 * woke one (who sleeps, or is about to and finds the epoch changed), or saw
 * PENDING, so one who clears it later was woken already. That one then looks,
 * after X, finds X or another item, and notifies again if more is left. One
 * who leaves with SYNC_TIMEOUT has looked last after clearing: it saw nothing.
 *
 * Edges  [W] seq_cst of waiting, word and of the claims in ring and segments:
 *            waiter: register, clear PENDING, then look; claimer: claim, then
 *            load waiting and word. In each the load must not pass the store
 *            (Dekker), or both miss each other and the waiter sleeps on.
 *        [N] release of the epoch that gate_notify_all moves, acquire of the
 *            clearing: who registers in time to be woken need not be, but who
 *            clears later sees why all were
 *        Data is published by the structures; the gate orders nothing else.
 *
 * Progress: barging; FIFO is that of items, not of waiters. Costs: one atomic
 * read-modify-write a put and a get (a second one for an unbounded get), no
 * system call unless somebody sleeps. Loses to two-lock designs when a thread
 * is preempted between claim and store: others spin and yield for it.
 */
#include "../queue.h"

enum { PENDING = 1, EPOCH = 2 };

struct gate {
	_Atomic uint32_t waiting;
	_Atomic uint32_t word;
};

static COLD void gate_notify_slow(struct gate *g)
{
	uint32_t word;

	/* [W] is the load's, each time: who clears after it looks after our
	 * claim. The exchange only moves the epoch for those who have. */
	do {
		word = atomic_load_explicit(&g->word, memory_order_seq_cst);
		if (word & PENDING)
			return;
	} while (!atomic_compare_exchange_weak_explicit(
		&g->word, &word, (word + EPOCH) | PENDING, memory_order_relaxed,
		memory_order_relaxed));
	futex_wake(&g->word, 1);
}

static ALWAYS_INLINE bool gate_waiting(struct gate *g)
{
	/* [W] */
	return atomic_load_explicit(&g->waiting, memory_order_seq_cst);
}

static ALWAYS_INLINE void gate_notify(struct gate *g)
{
	if (unlikely(gate_waiting(g)))
		gate_notify_slow(g);
}

static COLD void gate_notify_all(struct gate *g)
{
	if (!gate_waiting(g))
		return;
	/* [N] */
	atomic_fetch_add_explicit(&g->word, EPOCH, memory_order_release);
	futex_wake_all(&g->word);
}

typedef int gate_look(void *argument);

/*
 * Look after 1, 2, 4, 8 and 16 pauses, about 0.6 us in all: two hand-overs
 * between cores. Then let others run: with more threads than cores whom we wait
 * for is likely to be ready, and a yield is cheaper than a sleep and a wake-up
 * (0.3 us against 5 us). On an idle core the yields return at once and last
 * about as long as a wake-up: less, and once one side has slept, the other has
 * given up before it is back, and both go on sleeping in turn. Measured on two
 * idle cores, 1 producer and 1 consumer, against pthread: capacity 1 with 4
 * yields 5 times its throughput, 12 yields 10, 32 yields 49; capacity 64: 4, 6
 * and 16 times; with 4 or 8 threads the number makes no difference.
 */
enum { PAUSE_STEPS = INSTRUMENTED ? 1 : 5, YIELDS = TURNS(32) };

static int gate_spin(gate_look *look, void *argument)
{
	for (int step = 0; step < PAUSE_STEPS + YIELDS; step++) {
		int r;

		if (step < PAUSE_STEPS)
			for (int i = 0; i < 1 << step; i++)
				cpu_relax();
		else
			yield_core();
		r = look(argument);
		if (r != SYNC_BUSY)
			return r;
	}
	return SYNC_BUSY;
}

static int gate_sleep(struct gate *g, gate_look *look, void *argument,
		      uint64_t deadline)
{
	bool late = false;
	int r;

	/* [W] */
	atomic_fetch_add_explicit(&g->waiting, 1, memory_order_seq_cst);
	for (;;) {
		/* [W] [N] */
		uint32_t word = atomic_fetch_and_explicit(
			&g->word, ~(uint32_t)PENDING, memory_order_seq_cst);

		r = look(argument);
		if (r != SYNC_BUSY || late)
			break;
		late = futex_wait(&g->word, word & ~(uint32_t)PENDING,
				  deadline) == ETIMEDOUT;
	}
	/* relaxed: one too many costs a needless wake-up */
	atomic_fetch_sub_explicit(&g->waiting, 1, memory_order_relaxed);
	return r == SYNC_BUSY ? SYNC_TIMEOUT : r;
}

static COLD int gate_await(struct gate *g, gate_look *look, void *argument,
			   uint64_t deadline)
{
	int r;

	if (deadline == 0)
		return SYNC_TIMEOUT;
	r = gate_spin(look, argument);
	return r != SYNC_BUSY ? r : gate_sleep(g, look, argument, deadline);
}

#include "_queue.h"

static void gate_age(struct gate *g, uint32_t left)
{
	/* relaxed: nobody uses it yet */
	atomic_store_explicit(&g->word, -left * EPOCH, memory_order_relaxed);
}

static void age(void *queue, uint32_t left)
{
	struct queue *q = queue;

	gate_age(&q->getters, left);
	gate_age(&q->putters, left);
	gate_age(&q->joiners, left);
}

REGISTER_QUEUE(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "lock-free ring or segments, event counts, futex",
		.source = "Vyukov, bounded MPMC queue (2010); crossbeam",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct queue),
		.age = age,
	},
	.init = init,
	.destroy = destroy,
	.put = put,
	.tryput = tryput,
	.timedput = timedput,
	.get = get,
	.tryget = tryget,
	.timedget = timedget,
	.length = length,
	.task_done = task_done,
	.join = join,
	.close = close_queue);
