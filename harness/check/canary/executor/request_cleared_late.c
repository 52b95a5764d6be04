/* SPDX-License-Identifier: MIT */
/*
 * A pool that asks for a worker at most once at a time. The worker takes the
 * request back after each look for a task, not before: a task that comes in
 * between finds a request, and its worker on the way to sleep.
 *
 * Bug:       pub-pool-request-cleared-late
 * Source:    dotnet/coreclr PR 14015 (2017: order of Dequeue and
 *            MarkThreadRequestSatisfied); dotnet/runtime PR 121887 (2025)
 * Scenario:  one worker; a task while it has just found none
 * Violation: a task is stranded
 * Caught by: perturb
 * Rare:      a preemption between two statements of a worker, seconds apart
 * Explored by: no_task_is_stranded (deadlock) with --mode=pct
 *
 * requested belongs to nobody: while it is set there is a permit, or a worker
 * that has used it up and will clear requested before it looks.
 */
#include "_pool.h"

static void request(struct pool *p)
{
	/* acq_rel: whoever clears it later sees the task that it was for */
	if (atomic_exchange_explicit(&p->requested, true, memory_order_acq_rel))
		return;
	acquire();
	p->permits++;
	pthread_cond_signal(&p->wake);
	release();
}

static void clear_request(struct pool *p)
{
	atomic_exchange_explicit(&p->requested, false, memory_order_acq_rel);
}

static int submit(void *executor, void *future, task_function *function,
		  void *argument)
{
	struct pool *p = executor;
	bool closed;

	acquire();
	closed = atomic_load_explicit(&p->closed, memory_order_relaxed);
	if (!closed)
		append(p, future, function, argument);
	release();
	if (closed)
		return SYNC_CLOSED;
	request(p);
	return SYNC_OK;
}

/* Is there something to do? Not when all is over. */
static bool await_permit(struct pool *p)
{
	bool closed;

	acquire();
	while (!p->permits &&
	       !atomic_load_explicit(&p->closed, memory_order_relaxed))
		pthread_cond_wait(&p->wake, &mutex);
	closed = atomic_load_explicit(&p->closed, memory_order_relaxed);
	if (p->permits)
		p->permits--;
	if (closed && !p->first) {
		end_worker(p);
		release();
		return false;
	}
	release();
	return true;
}

/* The first task, and whether there are more. */
static struct future *take(struct pool *p, bool *more)
{
	struct future *f;

	acquire();
	f = take_first(p);
	*more = p->first != NULL;
	release();
	return f;
}

static struct future *next(struct pool *p, bool *more)
{
#if BROKEN
	struct future *f = take(p, more);

	clear_request(p);
	return f;
#else
	clear_request(p);
	return take(p, more);
#endif
}

static void *work(void *pool)
{
	struct pool *p = pool;
	struct future *f;
	bool more;

	while (await_permit(p))
		while ((f = next(p, &more))) {
			if (more)
				request(p);
			run(f);
		}
	return NULL;
}

REGISTER_POOL("a request is cleared too late", "dotnet/coreclr PR 14015");
