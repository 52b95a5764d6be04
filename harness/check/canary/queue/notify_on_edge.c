/* SPDX-License-Identifier: MIT */
/*
 * A queue that signals only when it leaves empty: of two quick puts the second
 * wakes nobody, though a second consumer sleeps.
 *
 * Bug:       pub-queue-notify-on-edge
 * Source:    M. Herlihy and N. Shavit, The Art of Multiprocessor Programming,
 *            chapter on monitors ("lost wake-up"); infostellar starcoder PR 31
 * Scenario:  two consumers asleep, two puts in a row
 * Violation: lost wake-up
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: two_getters (deadlock)
 */
#include "_monitor.h"

static void has_put(struct queue *q)
{
	q->unfinished++;
#if BROKEN
	if (q->length > 1)
		return;
#endif
	pthread_cond_signal(&q->can_get);
}

REGISTER_MONITOR("signals only when it leaves empty",
		 "Herlihy and Shavit, The Art of Multiprocessor Programming");
