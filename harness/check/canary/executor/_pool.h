/* SPDX-License-Identifier: MIT */
/*
 * Futures and a list of tasks under one mutex: what the broken pools have in
 * common. One mutex for all of them, since a future may outlive its pool. Each
 * pool says in work how a worker finds its tasks, and has its own submit, or
 * both from _plain.h. It may have its own run, settle, result, cancel, map and
 * abandon, if it defines OWN_RUN and so on before it includes this one.
 */
#ifndef CANARY_EXECUTOR_POOL_H
#define CANARY_EXECUTOR_POOL_H

#include <stdlib.h>

#include "../../../../primitives/executor.h"
#include "../../../../primitives/posix.h"
#include "../canary.h"

struct future {
	struct future *next, *prev; /* while it is pending */
	struct pool *pool;
	task_function *function;
	void *value; /* the argument until the function has returned */
	enum future_state state;
	/* for one with callbacks */
	void (*callback)(void *argument);
	void *callback_argument;
	uint64_t serial;
	/* for one whose waiters sleep on a futex */
	_Atomic uint32_t final;
};

/* All under the mutex, but what a pool's own comment says otherwise. */
struct pool {
	struct future *first, *last;
	pthread_cond_t wake; /* workers */
	unsigned workers;    /* at most */
	unsigned alive;	     /* just now */
	_Atomic bool closed;
	bool canceling; /* nothing is taken from the list any more */
	/* for one that asks for a worker at most once at a time */
	unsigned permits; /* to leave the sleep */
	_Atomic bool requested;
	/* for one whose waiters sleep on a futex */
	_Atomic uint32_t bell;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
/* A future is final, or a worker has ended. */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static int submit(void *executor, void *future, task_function *function,
		  void *argument);
static void *work(void *pool);

/* a pool's own, or those below */
static void settle(struct future *f, enum future_state state);
static void abandon(struct future *f);
static int result(void *future, uint64_t deadline, void **value);

static void acquire(void)
{
	pthread_mutex_lock(&mutex);
}

static void release(void)
{
	pthread_mutex_unlock(&mutex);
}

/* ---- the list, with the mutex ---- */

static void append(struct pool *p, struct future *f, task_function *function,
		   void *argument)
{
	*f = (struct future){ .prev = p->last,
			      .pool = p,
			      .function = function,
			      .value = argument,
			      .state = PENDING };
	if (p->last)
		p->last->next = f;
	else
		p->first = f;
	p->last = f;
}

static void detach(struct future *f)
{
	struct pool *p = f->pool;

	if (f->prev)
		f->prev->next = f->next;
	else
		p->first = f->next;
	if (f->next)
		f->next->prev = f->prev;
	else
		p->last = f->prev;
}

static struct future *take_first(struct pool *p)
{
	struct future *f = p->first;

	if (!f || p->canceling)
		return NULL;
	detach(f);
	f->state = RUNNING;
	return f;
}

#ifndef OWN_SETTLE
static void settle(struct future *f, enum future_state state)
{
	f->state = state;
	pthread_cond_broadcast(&changed);
}
#endif

/* ---- futures, without ---- */

#ifndef OWN_RUN
static void run(struct future *f)
{
	f->value = f->function(f->value);
	acquire();
	settle(f, DONE);
	release();
}
#endif

static enum future_state state(void *future)
{
	enum future_state s;

	acquire();
	s = ((struct future *)future)->state;
	release();
	return s;
}

#ifndef OWN_RESULT
static int result(void *future, uint64_t deadline, void **value)
{
	struct future *f = future;
	bool late = deadline == 0;
	int r = SYNC_OK;

	acquire();
	while (f->state < DONE && !late)
		late = posix_cond_timedwait(&changed, &mutex, deadline);
	if (f->state < DONE)
		r = SYNC_TIMEOUT;
	else if (f->state == CANCELED)
		r = SYNC_CANCELED;
	else if (value)
		*value = f->value;
	release();
	return r;
}
#endif

#ifndef OWN_CANCEL
static int cancel(void *future)
{
	struct future *f = future;
	int r;

	acquire();
	if (f->state == PENDING) {
		detach(f);
		settle(f, CANCELED);
	}
	r = f->state == CANCELED ? SYNC_OK : SYNC_BUSY;
	release();
	return r;
}
#endif

/* ---- pools, without ---- */

#ifndef OWN_MAP
static int map(void *executor, task_function *function, void *const *in,
	       void **out, size_t n)
{
	struct future *f = malloc((n + 1) * sizeof(*f));
	int r = SYNC_OK;
	size_t i, begun;

	if (!f)
		return SYNC_NO_MEMORY;
	/* n + 1, so that a map of nothing learns that it is closed, too */
	for (begun = 0; begun < n && r == SYNC_OK; begun += r == SYNC_OK)
		r = submit(executor, &f[begun], function, in[begun]);
	for (i = 0; i < begun; i++)
		if (result(&f[i], DEADLINE_NEVER, &out[i]))
			r = SYNC_CLOSED;
	free(f);
	return r;
}
#endif

/* With the mutex. */
static int start_worker(struct pool *p)
{
	pthread_attr_t detached;
	pthread_t thread;
	int r;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	r = pthread_create(&thread, &detached, work, p);
	pthread_attr_destroy(&detached);
	if (r)
		return SYNC_NO_THREAD;
	p->alive++;
	return SYNC_OK;
}

/* With the mutex; the caller is a worker that will not look at p again. */
static void end_worker(struct pool *p)
{
	p->alive--;
	pthread_cond_broadcast(&changed);
}

#ifndef OWN_ABANDON
/* With the mutex: a task in no list, which will not run. */
static void abandon(struct future *f)
{
	settle(f, CANCELED);
}
#endif

static void shutdown(void *executor, bool wait, bool cancel_pending)
{
	struct pool *p = executor;
	struct future *f;

	acquire();
	atomic_store_explicit(&p->closed, true, memory_order_relaxed);
	p->canceling = p->canceling || cancel_pending;
	while (p->canceling && (f = p->first)) {
		detach(f);
		abandon(f);
	}
	pthread_cond_broadcast(&p->wake);
	while (wait && p->alive)
		pthread_cond_wait(&changed, &mutex);
	release();
}

static void destroy(void *executor)
{
	struct pool *p = executor;

	shutdown(p, true, false);
	pthread_cond_destroy(&p->wake);
}

static int init(void *executor, unsigned workers)
{
	struct pool *p = executor;
	int r = SYNC_OK;

	if (workers == 0)
		return SYNC_INVALID;
	*p = (struct pool){ .workers = workers,
			    .wake = PTHREAD_COND_INITIALIZER };
	acquire();
	while (r == SYNC_OK && p->alive < workers)
		r = start_worker(p);
	release();
	if (r)
		destroy(p);
	return r;
}

#ifndef ON_DONE
#define ON_DONE	    NULL
#define UNSUPPORTED "a canary has no callbacks"
#else
#define UNSUPPORTED NULL
#endif

#define REGISTER_POOL(brief_, source_)                                         \
	REGISTER_EXECUTOR(                                                     \
		.id = {                                                        \
			.name = CANARY_NAME,                                   \
			.brief = CANARY_BRIEF(brief_),                         \
			.source = source_,                                     \
			.unsupported = UNSUPPORTED,                            \
			.flags = IMPL_FIFO | IMPL_NEEDS_INIT | IMPL_LARGE,     \
			.size = sizeof(struct pool),                           \
		},                                                             \
		.future_size = sizeof(struct future), .init = init,            \
		.destroy = destroy, .submit = submit, .map = map,              \
		.shutdown = shutdown, .result = result, .cancel = cancel,      \
		.state = state, .on_done = ON_DONE)

#endif
