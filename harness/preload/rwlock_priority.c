/* SPDX-License-Identifier: MIT */
#include "rwlock_priority.h"

#include <sched.h>

enum { TURN_NS = 100000 };

uint32_t priority_of_self(void)
{
	struct sched_param p;
	int policy = sched_getscheduler(0);

	if ((policy != SCHED_FIFO && policy != SCHED_RR) ||
	    sched_getparam(0, &p))
		return 0;
	return (uint32_t)p.sched_priority;
}

/* relaxed, here and below: who does not hear it now hears it the next time */
static void ask(struct own_rwlock *l, uint32_t priority)
{
	if (atomic_load_explicit(&l->urgent, memory_order_relaxed) < priority)
		atomic_store_explicit(&l->urgent, priority,
				      memory_order_relaxed);
}

/* Others that wait ask again at their next turn. */
static void ask_no_more(struct own_rwlock *l)
{
	atomic_store_explicit(&l->urgent, 0, memory_order_relaxed);
}

int priority_write(struct own_rwlock *l, uint32_t priority,
		   const struct wait *w, int (*attempt)(void *object),
		   void *object)
{
	int r;

	for (;;) {
		ask(l, priority);
		r = attempt(object);
		if (r && w && wait_over(w))
			r = ETIMEDOUT;
		if (r != EBUSY) {
			ask_no_more(l);
			return r;
		}
		wait_a_moment(TURN_NS);
	}
}

int priority_yield(struct own_rwlock *l, const struct wait *w)
{
	uint32_t own = priority_of_self();

	while (atomic_load_explicit(&l->urgent, memory_order_relaxed) >
	       (own ? own - 1 : 0)) {
		if (w && wait_over(w))
			return ETIMEDOUT;
		wait_a_moment(TURN_NS);
	}
	return 0;
}
