/* SPDX-License-Identifier: MIT */
/*
 * What the gallery's threads have in common: detached threads that note their
 * own end in a futex word, for join, and in a count of all, for exit.
 */
#ifndef ENDS_H
#define ENDS_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../../../../primitives/thread.h"
#include "../canary.h"

#ifndef END_RELAXED
#define END_RELAXED 0
#endif
#ifndef START_OVERWRITES
#define START_OVERWRITES 0
#endif
#ifndef EXIT_SNAPSHOT
#define EXIT_SNAPSHOT 0
#endif

enum { NEVER_STARTED, ALIVE, ENDED };

struct thread {
	_Atomic uint32_t state;
	struct thread_options options;
	char name[THREAD_NAME_BYTES];
};

static _Atomic uint32_t threads; /* not daemons, alive */
static _Thread_local struct thread *current;

static _Atomic uint32_t ends;

static void thread_count(int n)
{
	if (n < 0)
		atomic_fetch_add_explicit(&ends, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&threads, (uint32_t)n, memory_order_acq_rel);
	if (n < 0)
		futex_wake_all(&threads);
}

/* All but the caller, who may be one of them. */
static void thread_await_all(void)
{
	uint32_t n, own = current && !current->options.daemon;

#if EXIT_SNAPSHOT
	uint32_t last = atomic_load(&ends) + atomic_load(&threads) - own;
#endif

	while ((n = atomic_load_explicit(&threads, memory_order_acquire)) >
	       own) {
#if EXIT_SNAPSHOT
		if (atomic_load(&ends) >= last)
			return;
#endif
		futex_wait(&threads, n, DEADLINE_NEVER);
	}
}

/* A child has none of its parent's threads but the caller. */
static void thread_forked(void)
{
	atomic_store_explicit(&threads, current && !current->options.daemon,
			      memory_order_relaxed);
}

static void thread_first(void)
{
	atexit(thread_await_all);
	pthread_atfork(NULL, NULL, thread_forked);
}

static void thread_ends(void *thread)
{
	struct thread *t = thread;
	bool daemon = t->options.daemon;

	/* [E]; from here on the object may be gone */
	atomic_store_explicit(&t->state, ENDED, memory_order_release);
	futex_wake_all(&t->state);
	if (!daemon)
		thread_count(-1);
}

static void *thread_run(void *thread)
{
	struct thread *t = thread;

	current = t;
	if (*t->name)
		pthread_setname_np(pthread_self(), t->name);
	/* by pthread_exit and cancellation, too */
	pthread_cleanup_push(thread_ends, t);
	t->options.function(t->options.argument);
	pthread_cleanup_pop(1);
	return NULL;
}

static void thread_prepare(struct thread *t, const struct thread_options *o)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, thread_first);
	t->options = *o;
	memset(t->name, 0, sizeof(t->name));
	if (o->name)
		strncpy(t->name, o->name, sizeof(t->name) - 1);
	t->options.name = NULL; /* the caller's */
}

static int thread_create(struct thread *t)
{
	bool daemon = t->options.daemon;
	pthread_t handle;

	if (!daemon)
		thread_count(+1);
	if (pthread_create(&handle, NULL, thread_run, t)) {
		if (!daemon)
			thread_count(-1);
		return SYNC_NO_THREAD;
	}
	pthread_detach(handle);
	return SYNC_OK;
}

static int thread_start(void *thread, const struct thread_options *options)
{
	struct thread *t = thread;
	uint32_t was = atomic_load_explicit(&t->state, memory_order_relaxed);
	int error;

	if (!options->function)
		return SYNC_INVALID;
	thread_prepare(t, options);
	if (!START_OVERWRITES)
		atomic_store_explicit(&t->state, ALIVE, memory_order_relaxed);
	error = thread_create(t);
	if (error)
		atomic_store_explicit(&t->state, was, memory_order_relaxed);
	else if (START_OVERWRITES)
		atomic_store_explicit(&t->state, ALIVE, memory_order_relaxed);
	return error;
}

static uint32_t thread_state(struct thread *t)
{
#if END_RELAXED
	return atomic_load_explicit(&t->state, memory_order_relaxed);
#else
	/* pairs with [E] */
	return atomic_load_explicit(&t->state, memory_order_acquire);
#endif
}

static int thread_join(void *thread, uint64_t deadline)
{
	struct thread *t = thread;
	uint32_t state;

	if (t == current)
		return SYNC_INVALID;
	while ((state = thread_state(t)) == ALIVE)
		if (futex_wait(&t->state, ALIVE, deadline) == ETIMEDOUT &&
		    thread_state(t) == ALIVE)
			return SYNC_TIMEOUT;
	return state == ENDED ? SYNC_OK : SYNC_INVALID;
}

static bool thread_is_alive(void *thread)
{
	return thread_state(thread) == ALIVE;
}

static const char *thread_name(void *thread)
{
	struct thread *t = thread;

	return t->name;
}

#endif
