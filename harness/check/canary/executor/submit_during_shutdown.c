/* SPDX-License-Identifier: MIT */
/*
 * A pool whose submit looks whether it is shut down before it takes the mutex:
 * the task is queued when the last worker has found the queue empty and left.
 *
 * Bug:       pub-pool-submit-during-shutdown
 * Source:    Linux commit f01272541d (io-wq: "ensure all pending work is
 *            canceled on exit"); CPython bpo-31783; tokio commit 640632817
 * Scenario:  one worker; a task and a wait for its result, beside a shutdown
 * Violation: an accepted task neither runs nor is cancelled
 * Caught by: perturb, preempt, tsan-gcc
 * Explored by: submit_beside_shutdown (deadlock)
 */
#include "_pool.h"

static bool closed(struct pool *p)
{
	return atomic_load_explicit(&p->closed, memory_order_relaxed);
}

static int submit(void *executor, void *future, task_function *function,
		  void *argument)
{
	struct pool *p = executor;
	int r = SYNC_CLOSED;

#if BROKEN
	if (closed(p))
		return r;
#endif
	acquire();
#if !BROKEN
	if (!closed(p))
#endif
	{
		append(p, future, function, argument);
		pthread_cond_signal(&p->wake);
		r = SYNC_OK;
	}
	release();
	return r;
}

static void *work(void *pool)
{
	struct pool *p = pool;
	struct future *f;

	acquire();
	while ((f = take_first(p)) || !closed(p)) {
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

REGISTER_POOL("submit looks at the flag too early",
	      "Linux commit f01272541d; CPython bpo-31783");
