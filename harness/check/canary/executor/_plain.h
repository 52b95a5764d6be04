/* SPDX-License-Identifier: MIT */
/*
 * How a pool serves its list of tasks when the fault is elsewhere: all of it
 * under the mutex.
 */
#ifndef CANARY_EXECUTOR_PLAIN_H
#define CANARY_EXECUTOR_PLAIN_H

#include "_pool.h"

static int submit(void *executor, void *future, task_function *function,
		  void *argument)
{
	struct pool *p = executor;
	bool closed;

	acquire();
	closed = atomic_load_explicit(&p->closed, memory_order_relaxed);
	if (!closed) {
		append(p, future, function, argument);
		pthread_cond_signal(&p->wake);
	}
	release();
	return closed ? SYNC_CLOSED : SYNC_OK;
}

static void *work(void *pool)
{
	struct pool *p = pool;
	struct future *f;

	acquire();
	while ((f = take_first(p)) ||
	       !atomic_load_explicit(&p->closed, memory_order_relaxed)) {
		if (!f) {
			pthread_cond_wait(&p->wake, &mutex);
			continue;
		}
		release();
		run(f);
		acquire();
	}
	end_worker(p);
	release();
	return NULL;
}

#endif
