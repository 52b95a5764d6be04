/* SPDX-License-Identifier: MIT */
/*
 * Lock-free ring or segments; who must wait looks, and yields between looks.
 *
 * Source: the structures as in _ring.h and _segments.h.
 *
 * State and edges: those of the structures. Nobody registers as waiting and
 * nobody is told: the gate is empty, and each waiter looks for itself.
 *
 * Progress: barging; never sleeps in the kernel, yields its time slice after a
 * short spin, so it survives more threads than cores.
 * Costs: one atomic read-modify-write a put and a get (a second one for an
 * unbounded get). Loses wherever the wait is long: each waiter burns a core or
 * keeps the scheduler busy.
 */
#include "../queue.h"

struct gate {
	char unused;
};

static ALWAYS_INLINE bool gate_waiting(struct gate *g)
{
	(void)g;
	return false;
}

static ALWAYS_INLINE void gate_notify(struct gate *g)
{
	(void)g;
}

static ALWAYS_INLINE void gate_notify_all(struct gate *g)
{
	(void)g;
}

typedef int gate_look(void *argument);

static COLD int gate_await(struct gate *g, gate_look *look, void *argument,
			   uint64_t deadline)
{
	struct spinner s = { 0 };
	int r;

	(void)g;
	do {
		if (!spin_once(&s, deadline))
			return SYNC_TIMEOUT;
		r = look(argument);
	} while (r == SYNC_BUSY);
	return r;
}

#include "_queue.h"

REGISTER_QUEUE(
	.id = {
		.name = "spin",
		.family = SPIN,
		.brief = "lock-free ring or segments, waiters yield",
		.source = "Vyukov, bounded MPMC queue (2010); crossbeam",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct queue),
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
