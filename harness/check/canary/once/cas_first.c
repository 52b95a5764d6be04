/* SPDX-License-Identifier: MIT */
/*
 * A once that claims the word and then runs the function, as if "claimed" were
 * "done": a second caller returns while the function still runs.
 *
 * Bug:       pub-once-cas-first
 * Source:    Go commit bc593eac2d (2019), "sync: document implementation of
 *            Once.Do", where the wrong version is spelled out
 * Scenario:  two callers; after its return each looks whether the function has
 *            run
 * Violation: a call returns too early; data race on the initialised data
 * Caught by: all
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

	return atomic_load_explicit(&o->done, memory_order_acquire);
}

static void call(void *once, void (*function)(void *), void *argument)
{
	struct once *o = once;

#if BROKEN
	uint32_t expected = 0;

	if (atomic_compare_exchange_strong_explicit(&o->done, &expected, 1,
						    memory_order_acq_rel,
						    memory_order_acquire))
		function(argument);
#else
	if (done(o))
		return;
	pthread_mutex_lock(&o->mutex);
	if (!atomic_load_explicit(&o->done, memory_order_relaxed)) {
		function(argument);
		atomic_store_explicit(&o->done, 1, memory_order_release);
	}
	pthread_mutex_unlock(&o->mutex);
#endif
}

REGISTER_ONCE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("done is set before the function runs"),
		.source = "Go commit bc593eac2d",
		.unsupported = "a canary without a form that fails",
		.flags = IMPL_LARGE,
		.size = sizeof(struct once),
	},
	.call = call,
	.done = done);
