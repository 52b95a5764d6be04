/* SPDX-License-Identifier: MIT */
/*
 * start notes that the thread lives once it has been created, when it may have
 * ended already: the note of its end is lost, and whoever joins waits for ever.
 *
 * Bug:       thread-start-overwrites-end
 * Source:    RoboVM issue 70 (2013), "Thread.join() sometimes hangs even if the
 *            thread has finished"
 * Scenario:  a thread that ends at once; join
 * Violation: deadlock; is_alive stays true
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: start_join (deadlock)
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../../../../primitives/thread.h"
#include "../canary.h"

enum { NEVER_STARTED, ALIVE, ENDED };

struct thread {
	_Atomic uint32_t state;
	struct thread_options options;
	char name[THREAD_NAME_BYTES];
};

static _Atomic uint32_t threads; /* not daemons, alive */
static _Thread_local struct thread *current;

/* Of those that exit waits for, the one that calls it. */
static uint32_t own(void)
{
	return current && !current->options.daemon;
}

static void await_all(void)
{
	uint32_t n;

	while ((n = atomic_load_explicit(&threads, memory_order_acquire)) >
	       own())
		futex_wait(&threads, n, DEADLINE_NEVER);
}

/* A child has none of its parent's threads but the caller. */
static void forked(void)
{
	atomic_store_explicit(&threads, own(), memory_order_relaxed);
}

static void first(void)
{
	atexit(await_all);
	pthread_atfork(NULL, NULL, forked);
}

static void ends(void *thread)
{
	struct thread *t = thread;
	bool daemon = t->options.daemon;

	/* [E]; from here on the object may be gone */
	atomic_store_explicit(&t->state, ENDED, memory_order_release);
	futex_wake_all(&t->state);
	if (daemon)
		return;
	atomic_fetch_sub_explicit(&threads, 1, memory_order_release);
	futex_wake_all(&threads);
}

static void *run(void *thread)
{
	struct thread *t = thread;

	current = t;
	if (*t->name)
		pthread_setname_np(pthread_self(), t->name);
	/* by pthread_exit and cancellation, too */
	pthread_cleanup_push(ends, t);
	t->options.function(t->options.argument);
	pthread_cleanup_pop(1);
	return NULL;
}

static int create(struct thread *t)
{
	pthread_t handle;

	if (pthread_create(&handle, NULL, run, t))
		return SYNC_NO_THREAD;
	pthread_detach(handle);
	return SYNC_OK;
}

static void note(struct thread *t, uint32_t state)
{
	atomic_store_explicit(&t->state, state, memory_order_relaxed);
}

static int start(void *thread, const struct thread_options *options)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct thread *t = thread;
	int error;

	if (!options->function)
		return SYNC_INVALID;
	pthread_once(&once, first);
	t->options = *options;
	memset(t->name, 0, sizeof(t->name));
	if (options->name)
		strncpy(t->name, options->name, sizeof(t->name) - 1);
	atomic_fetch_add_explicit(&threads, !options->daemon,
				  memory_order_relaxed);
#if BROKEN
	error = create(t);
	if (!error)
		note(t, ALIVE);
#else
	note(t, ALIVE);
	error = create(t);
	if (error)
		note(t, NEVER_STARTED);
#endif
	if (error)
		atomic_fetch_sub_explicit(&threads, !options->daemon,
					  memory_order_relaxed);
	return error;
}

static uint32_t look(struct thread *t)
{
	/* pairs with [E] */
	return atomic_load_explicit(&t->state, memory_order_acquire);
}

static int join(void *thread, uint64_t deadline)
{
	struct thread *t = thread;
	uint32_t state;

	if (t == current)
		return SYNC_INVALID;
	while ((state = look(t)) == ALIVE)
		if (futex_wait(&t->state, ALIVE, deadline) == ETIMEDOUT &&
		    look(t) == ALIVE)
			return SYNC_TIMEOUT;
	return state == ENDED ? SYNC_OK : SYNC_INVALID;
}

static bool is_alive(void *thread)
{
	return look(thread) == ALIVE;
}

static const char *name(void *thread)
{
	return ((struct thread *)thread)->name;
}

REGISTER_THREAD(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("start overwrites the end"),
		.source = "RoboVM issue 70",
		.flags = IMPL_LARGE,
		.size = sizeof(struct thread),
	},
	.start = start,
	.join = join,
	.is_alive = is_alive,
	.name = name);
