/* SPDX-License-Identifier: MIT */
/*
 * Double-checked initialisation whose fast path loads the state relaxed: who is
 * told that all is done may still see the data as it was before.
 *
 * Bug:       pub-once-fastpath-no-acquire
 * Source:    musl commit df37d396 (2014); glibc bug 15215, commit 36875b06e0
 *            (2013)
 * Scenario:  one thread initialises, another one calls and reads the data
 * Violation: stale read (never on x86, where a load is an acquire)
 * Caught by: tsan-gcc, tsan-clang
 * Explored by: call_2 (data race)
 */
#include <pthread.h>

#include "../../../../primitives/once.h"
#include "../canary.h"

struct once {
	_Atomic uint32_t done;
	pthread_mutex_t mutex; /* all-zero is valid on Linux */
};

static bool done(void *once)
{
	struct once *o = once;

	/* [A] */
	return atomic_load_explicit(&o->done, memory_order_acquire);
}

static bool done_before(struct once *o)
{
#if BROKEN
	return atomic_load_explicit(&o->done, memory_order_relaxed);
#else
	return done(o);
#endif
}

static void call(void *once, void (*function)(void *), void *argument)
{
	struct once *o = once;

	if (done_before(o))
		return;
	pthread_mutex_lock(&o->mutex);
	if (!atomic_load_explicit(&o->done, memory_order_relaxed)) {
		function(argument);
		/* pairs with [A] */
		atomic_store_explicit(&o->done, 1, memory_order_release);
	}
	pthread_mutex_unlock(&o->mutex);
}

REGISTER_ONCE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("the fast path has no acquire"),
		.source = "musl commit df37d396; glibc bug 15215",
		.unsupported = "a canary without a form that fails",
		.flags = IMPL_LARGE,
		.size = sizeof(struct once),
	},
	.call = call,
	.done = done);
