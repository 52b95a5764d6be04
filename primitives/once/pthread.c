/* SPDX-License-Identifier: MIT */
/*
 * The C library's pthread_once, with an argument for the function.
 *
 * Source: POSIX.1-2017, pthread_once. It calls the routine in the thread that
 * called pthread_once, so function and argument travel in thread-local data.
 *
 * State  once  the C library's
 *        done  set after the function has run, before pthread_once returns to
 *              anybody; POSIX has no way to ask
 *
 * Edges  [A] acquire load in done pairs with [B]
 *        [B] release store after the function pairs with [A]
 *        pthread_once makes its own.
 *
 * Costs: a call into the C library and a few thread-local stores, even when all
 * is done. Loses to one inlined load.
 */
#include "../once.h"
#include "../posix.h"

struct once {
	pthread_once_t once;
	_Atomic bool done;
};

/* The innermost call of this thread: the function may call other onces. */
static _Thread_local struct call {
	struct once *once;
	void (*function)(void *);
	void *argument;
} current;

static void run(void)
{
	struct call c = current;

	c.function(c.argument);
	/* [B] */
	atomic_store_explicit(&c.once->done, true, memory_order_release);
}

static int init(void *once)
{
	*(struct once *)once = (struct once){ .once = PTHREAD_ONCE_INIT };
	return SYNC_OK;
}

static inline void call(void *once, void (*function)(void *), void *argument)
{
	struct once *o = once;

	current = (struct call){ o, function, argument };
	pthread_once(&o->once, run);
}

static bool done(void *once)
{
	struct once *o = once;

	/* [A] */
	return atomic_load_explicit(&o->done, memory_order_acquire);
}

REGISTER_ONCE(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "pthread_once of the C library",
		.source = "POSIX.1-2017",
		.unsupported = "the routine of pthread_once cannot fail",
		.size = sizeof(struct once),
	},
	.init = init,
	.call = call,
	.done = done);
