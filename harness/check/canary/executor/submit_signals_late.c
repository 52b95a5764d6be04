/* SPDX-License-Identifier: MIT */
/*
 * A submit that wakes a worker when it has released the mutex. A worker may
 * have run the task already, and who has seen that may have destroyed the pool.
 *
 * Bug:       held-pool-submit-signals-late
 * Source:    cppalliance/capy PR 372 (2026), "fix(thread_pool): notify under
 *            the mutex in post"
 * Scenario:  one thread submits; another one sees that the task has run, and
 *            destroys the pool
 * Violation: use after free
 * Caught by: tsan-gcc, tsan-clang
 * Explored by: destroy_beside_submit (lock misuse)
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
	bool refused;

	acquire();
	refused = closed(p);
	if (!refused)
		append(p, future, function, argument);
#if BROKEN
	release();
	if (!refused)
		pthread_cond_signal(&p->wake);
#else
	if (!refused)
		pthread_cond_signal(&p->wake);
	release();
#endif
	return refused ? SYNC_CLOSED : SYNC_OK;
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

REGISTER_POOL("submit signals outside of the lock", "cppalliance/capy PR 372");
