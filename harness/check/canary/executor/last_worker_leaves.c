/* SPDX-License-Identifier: MIT */
/*
 * A pool whose workers leave when they have been idle for a while. Between a
 * worker's timeout and its leaving a task comes, and finds a worker that counts
 * as alive.
 *
 * Bug:       pub-pool-last-worker-leaves
 * Source:    folly commit baef20f91 (2018), "Fix dynamic thread destruction
 *            race"
 * Scenario:  one worker at most; its timeout races with a task
 * Violation: a task is stranded
 * Caught by: perturb, preempt, histories
 * Explored by: destroy_runs_queued (assertion)
 *
 * Where no worker is alive and none can be started, submit answers
 * SYNC_NO_THREAD.
 */
#include "_pool.h"

enum { IDLE_NS = 200 * 1000 };

static int submit(void *executor, void *future, task_function *function,
		  void *argument)
{
	struct pool *p = executor;
	int r = SYNC_OK;

	acquire();
	if (atomic_load_explicit(&p->closed, memory_order_relaxed)) {
		r = SYNC_CLOSED;
	} else {
		append(p, future, function, argument);
		pthread_cond_signal(&p->wake);
		if (p->alive < p->workers && start_worker(p) && !p->alive) {
			detach(future);
			r = SYNC_NO_THREAD;
		}
	}
	release();
	return r;
}

/* NULL after a while without a task, or when all is over. */
static struct future *take(struct pool *p)
{
	uint64_t deadline = deadline_in(IDLE_NS);
	struct future *f;
	bool late = false;

	acquire();
	while (!(f = take_first(p)) && !late &&
	       !atomic_load_explicit(&p->closed, memory_order_relaxed))
		late = posix_cond_timedwait(&p->wake, &mutex, deadline);
	release();
	return f;
}

/* Leave, unless there is something to do after all. */
static bool leave(struct pool *p)
{
	bool leaves = true;

	acquire();
#if !BROKEN
	leaves = !p->first;
#endif
	if (leaves)
		end_worker(p);
	release();
	return leaves;
}

static void *work(void *pool)
{
	struct pool *p = pool;
	struct future *f;

	do
		while ((f = take(p)))
			run(f);
	while (!leave(p));
	return NULL;
}

REGISTER_POOL("the last worker leaves beside a task", "folly commit baef20f91");
