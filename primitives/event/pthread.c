/* SPDX-License-Identifier: MIT */
/*
 * An event from a POSIX mutex and condition, as CPython's threading.Event.
 *
 * Source: the textbook monitor, and a generation so that a clear right after
 * set strands no waiter.
 *
 * State  flag        atomic, written under the mutex: is_set is one load
 *        generation  how often the flag has gone up; under the mutex
 *
 * Edges  [A] acquire load in is_set pairs with [B]
 *        [B] release store in set pairs with [A]
 *        Everything else is ordered by the mutex.
 *
 * wait takes the mutex even if the flag is up: its return means that set is
 * past its last use of the object, which may then be destroyed. For the same
 * reason set broadcasts before it unlocks.
 *
 * Costs: an uncontended mutex pair an operation; a broadcast a set. Loses with
 * many waiters: all of them queue for the mutex after each set.
 */
#include "../event.h"
#include "../posix.h"

struct event {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	uint64_t generation;
	_Atomic bool flag;
};

static int init(void *event)
{
	struct event *e = event;

	e->generation = 0;
	atomic_init(&e->flag, false);
	pthread_cond_init(&e->changed, NULL);
	return pthread_mutex_init(&e->mutex, NULL);
}

static void destroy(void *event)
{
	struct event *e = event;

	pthread_cond_destroy(&e->changed);
	pthread_mutex_destroy(&e->mutex);
}

static inline void set(void *event)
{
	struct event *e = event;

	pthread_mutex_lock(&e->mutex);
	if (!atomic_load_explicit(&e->flag, memory_order_relaxed))
		e->generation++;
	/* [B] even if the flag is up: this set publishes as well */
	atomic_store_explicit(&e->flag, true, memory_order_release);
	pthread_cond_broadcast(&e->changed);
	pthread_mutex_unlock(&e->mutex);
}

static inline void clear(void *event)
{
	struct event *e = event;

	pthread_mutex_lock(&e->mutex);
	atomic_store_explicit(&e->flag, false, memory_order_relaxed);
	pthread_mutex_unlock(&e->mutex);
}

static inline bool is_set(void *event)
{
	struct event *e = event;

	/* [A] */
	return atomic_load_explicit(&e->flag, memory_order_acquire);
}

/* relaxed: the mutex is held */
static inline bool released(struct event *e, uint64_t generation)
{
	return atomic_load_explicit(&e->flag, memory_order_relaxed) ||
	       e->generation != generation;
}

static int timedwait(void *event, uint64_t deadline)
{
	struct event *e = event;
	int result = SYNC_OK;

	pthread_mutex_lock(&e->mutex);

	uint64_t generation = e->generation;

	while (!released(e, generation) && result == SYNC_OK)
		result = posix_cond_timedwait(&e->changed, &e->mutex, deadline);
	if (released(e, generation))
		result = SYNC_OK;
	pthread_mutex_unlock(&e->mutex);
	return result;
}

static void wait(void *event)
{
	timedwait(event, DEADLINE_NEVER);
}

REGISTER_EVENT(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "mutex, condition, flag and generation",
		.source = "the textbook monitor; POSIX.1-2017",
		.flags = IMPL_LARGE,
		.size = sizeof(struct event),
	},
	.init = init,
	.destroy = destroy,
	.set = set,
	.clear = clear,
	.is_set = is_set,
	.wait = wait,
	.timedwait = timedwait);
