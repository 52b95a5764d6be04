/* SPDX-License-Identifier: MIT */
/*
 * What the three thread implementations share: start, the end of a thread and
 * the wait at process exit. The family's file defines how an end is awaited:
 * struct end, enum state (before it includes this) and the functions below.
 *
 * State  NEVER    (0) not started, or the system refused
 *        RUNNING  from start to the end
 *        ENDED    until started again
 *
 * Threads are created detached: an object may be joined by many, again, or
 * never, and pthread_join allows none of these. Hence the C library reaps the
 * thread by itself, and the object is not touched once it is ENDED: a joiner
 * may free it at once.
 *
 * The end is announced by the destructor of a pthread key, not on return from
 * the function, so that it also comes after pthread_exit and cancellation. The
 * destructor arms itself again to run in a late round: when join returns,
 * destructors of thread-local data have run (unless they set values again and
 * again). Not in the last round, where sanitizers end their view of a thread.
 *
 * `live` counts the threads that exit waits for: a thread is in it from before
 * its creation until its end, so a thread that starts another keeps exit
 * waiting for it. It is static: at exit objects may be gone already. A child
 * of fork has none of its parent's threads and waits for none of them.
 */
#ifndef START_H
#define START_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../thread.h"

struct thread {
	struct end end; /* the family's: a state, and what to wait on */
	bool daemon;
	char name[THREAD_NAME_BYTES];
	void (*function)(void *argument);
	union {
		void *argument;
		uintptr_t rounds; /* the argument has been passed on */
	};
};

/* The thread that is running us, or NULL: one that was made otherwise. */
static _Thread_local struct thread *current;

static pthread_key_t end_key;
static int prepared; /* result of prepare() */

/* ---- what the family says ---- */

/* What the thread did happens before a state_of that says ENDED, and before an
 * await_end that returns 0. */
static enum state state_of(struct end *e);
static void set_state(struct end *e, enum state s); /* NEVER or RUNNING */
static void announce_end(struct end *e);	    /* e may be freed inside */
static int await_end(struct end *e, uint64_t deadline);

/* The count of live threads that are not daemons. */
static void live_add(void);
static void live_sub(void);
static void live_await(uint32_t rest); /* return when rest are left */
static void live_reset(uint32_t rest); /* in a child of fork, alone */
static void live_before_fork(void);
static void live_after_fork(void);

/* ---- once in a process ---- */

/* Of the threads that exit waits for, the one that calls exit is left. */
static uint32_t own_share(void)
{
	return current && !current->daemon;
}

static void wait_at_exit(void)
{
	live_await(own_share());
}

static void forked(void)
{
	live_reset(own_share());
}

static void thread_ends(void *thread)
{
	struct thread *t = thread;
	bool daemon = t->daemon;

	if (t->rounds-- > 1 && !pthread_setspecific(end_key, t))
		return;
	current = NULL;
	announce_end(&t->end); /* from here on the object is not ours */
	if (!daemon)
		live_sub();
}

static void prepare(void)
{
	prepared = pthread_key_create(&end_key, thread_ends);
	if (!prepared)
		prepared = pthread_atfork(live_before_fork, live_after_fork,
					  forked);
	if (!prepared && atexit(wait_at_exit))
		prepared = ENOMEM;
}

/* ---- the operations ---- */

static bool running(enum state s)
{
	return s != NEVER && s != ENDED;
}

static void *thread_main(void *thread)
{
	struct thread *t = thread;
	void *argument = t->argument;

	current = t;
	if (t->name[0])
		pthread_setname_np(pthread_self(), t->name);
	t->rounds = PTHREAD_DESTRUCTOR_ITERATIONS - 1;
	if (!pthread_setspecific(end_key, t)) {
		t->function(argument);
	} else {
		/* no memory for the key: then at least on return */
		t->rounds = 0;
		t->function(argument);
		thread_ends(t);
	}
	return NULL;
}

static int create(struct thread *t)
{
	pthread_attr_t detached;
	pthread_t id;
	int r = pthread_attr_init(&detached);

	if (r)
		return r;
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	r = pthread_create(&id, &detached, thread_main, t);
	pthread_attr_destroy(&detached);
	return r;
}

static int start(void *thread, const struct thread_options *o)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct thread *t = thread;
	enum state before = state_of(&t->end);
	int r;

	if (!o->function || running(before))
		return SYNC_INVALID;
	pthread_once(&once, prepare);
	if (prepared)
		return prepared == ENOMEM ? SYNC_NO_MEMORY : SYNC_NO_THREAD;
	t->function = o->function;
	t->argument = o->argument;
	t->daemon = o->daemon;
	memset(t->name, 0, sizeof(t->name));
	if (o->name)
		strncpy(t->name, o->name, sizeof(t->name) - 1);
	set_state(&t->end, RUNNING);
	if (!t->daemon)
		live_add();
	r = create(t);
	if (!r)
		return SYNC_OK;
	set_state(&t->end, NEVER);
	if (!t->daemon)
		live_sub();
	return r == ENOMEM ? SYNC_NO_MEMORY : SYNC_NO_THREAD;
}

static int join(void *thread, uint64_t deadline)
{
	struct thread *t = thread;
	enum state s;

	if (t == current)
		return SYNC_INVALID;
	s = state_of(&t->end);
	if (s == NEVER)
		return SYNC_INVALID;
	return s == ENDED ? SYNC_OK : await_end(&t->end, deadline);
}

static bool is_alive(void *thread)
{
	return running(state_of(&((struct thread *)thread)->end));
}

static const char *name(void *thread)
{
	return ((struct thread *)thread)->name;
}

#endif
