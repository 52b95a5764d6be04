/* SPDX-License-Identifier: MIT */
/*
 * A queue that counts a task only after its item can be got: a fast worker is
 * done with it before it has been counted.
 *
 * Bug:       pub-queue-join-undercount
 * Source:    getsentry/sentry-go issue 23 (an item sent before WaitGroup.Add);
 *            Python bpo-4660 (JoinableQueue)
 * Scenario:  a worker gets and finishes the item before its put goes on
 * Violation: task_done is refused ("called too many times"), or join returns
 *            with work in flight
 * Caught by: all
 * Explored by: join_waits (assertion)
 */
#include "_monitor.h"

static void has_put(struct queue *q)
{
	pthread_cond_signal(&q->can_get);
#if BROKEN
	pthread_mutex_unlock(&q->mutex);
	pthread_mutex_lock(&q->mutex);
#endif
	q->unfinished++;
}

REGISTER_MONITOR("a task is counted too late", "getsentry/sentry-go issue 23");
