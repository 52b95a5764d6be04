/* SPDX-License-Identifier: MIT */
/*
 * Threads whose end is a flag under a mutex, awaited on a condition.
 *
 * Source: CPython's Thread before 3.13, which is joined by a lock (or
 * condition) and not by pthread_join, and for the same reason: that one may be
 * called once only, by one thread, and must be called. The rest is in _start.h.
 *
 * State  NEVER    (0) not started, or the system refused
 *        RUNNING  from start to the end
 *        ENDED    until started again
 *        live     count of threads that exit waits for
 * each guarded by the mutex beside it and announced on the condition.
 *
 * Edges: by the mutexes. A joiner must take the mutex even to see that it has
 * ended: only then has the thread let go of it, and the object may be freed.
 *
 * Progress: all joiners are woken at once and pass one by one. Costs: a lock,
 * an unlock and a broadcast at the end; a lock and an unlock for each look.
 */
#include "../posix.h"
#include "../thread.h"

enum state { NEVER, RUNNING, ENDED };

struct end {
	pthread_mutex_t mutex; /* all-zero is valid with this C library */
	pthread_cond_t changed;
	enum state state;
};

#include "_start.h"

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	uint32_t threads;
} live = { .mutex = PTHREAD_MUTEX_INITIALIZER,
	   .changed = PTHREAD_COND_INITIALIZER };

static enum state state_of(struct end *e)
{
	enum state s;

	pthread_mutex_lock(&e->mutex);
	s = e->state;
	pthread_mutex_unlock(&e->mutex);
	return s;
}

static void set_state(struct end *e, enum state s)
{
	pthread_mutex_lock(&e->mutex);
	e->state = s;
	pthread_mutex_unlock(&e->mutex);
}

static void announce_end(struct end *e)
{
	pthread_mutex_lock(&e->mutex);
	e->state = ENDED;
	/* under the mutex: afterwards the object may be gone */
	pthread_cond_broadcast(&e->changed);
	pthread_mutex_unlock(&e->mutex);
}

static int await_end(struct end *e, uint64_t deadline)
{
	int r = SYNC_OK;

	pthread_mutex_lock(&e->mutex);
	while (e->state != ENDED && r != SYNC_TIMEOUT)
		r = posix_cond_timedwait(&e->changed, &e->mutex, deadline);
	r = e->state == ENDED ? SYNC_OK : SYNC_TIMEOUT;
	pthread_mutex_unlock(&e->mutex);
	return r;
}

static void live_add(void)
{
	pthread_mutex_lock(&live.mutex);
	live.threads++;
	pthread_mutex_unlock(&live.mutex);
}

static void live_sub(void)
{
	pthread_mutex_lock(&live.mutex);
	live.threads--;
	pthread_cond_signal(&live.changed);
	pthread_mutex_unlock(&live.mutex);
}

static void live_await(uint32_t rest)
{
	pthread_mutex_lock(&live.mutex);
	while (live.threads > rest)
		pthread_cond_wait(&live.changed, &live.mutex);
	pthread_mutex_unlock(&live.mutex);
}

/* Between live_before_fork and the first use in the child. */
static void live_reset(uint32_t rest)
{
	live.threads = rest;
	pthread_mutex_unlock(&live.mutex);
}

/* Nobody else holds it at the fork: it would be held in the child for ever. */
static void live_before_fork(void)
{
	pthread_mutex_lock(&live.mutex);
}

static void live_after_fork(void)
{
	pthread_mutex_unlock(&live.mutex);
}

REGISTER_THREAD(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "detached threads; mutex and condition for the end",
		.source = "POSIX.1-2017; CPython's threading before 3.13",
		.flags = IMPL_LARGE,
		.size = sizeof(struct thread),
	},
	.start = start,
	.join = join,
	.is_alive = is_alive,
	.name = name);
