/* SPDX-License-Identifier: MIT */
/*
 * Onces that share one lock, which is held while the function runs: if that
 * waits for a thread that calls another once, both wait for ever. The lock may
 * be taken again, so that a function which itself calls another once does no
 * harm and the fault stays unseen.
 *
 * Bug:       once-one-for-all
 * Source:    prosper pull request 86 (2026), "scePthreadOnce serializes per
 *            control (global lock could cross-deadlock)"
 * Scenario:  the function of one once starts a thread that calls another once,
 *            and waits for it
 * Violation: deadlock
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: apart (deadlock)
 */
#include <pthread.h>

#include "../../../../primitives/once.h"
#include "../canary.h"

struct once {
	_Atomic uint32_t done;
	pthread_mutex_t mutex; /* all-zero is valid on Linux */
};

static pthread_mutex_t *mutex_of(struct once *o)
{
#if BROKEN
	static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

	(void)o;
	return &mutex;
#else
	return &o->mutex;
#endif
}

static bool done(void *once)
{
	struct once *o = once;

	/* [A] */
	return atomic_load_explicit(&o->done, memory_order_acquire);
}

static void call(void *once, void (*function)(void *), void *argument)
{
	struct once *o = once;

	if (done(o))
		return;
	pthread_mutex_lock(mutex_of(o));
	if (!atomic_load_explicit(&o->done, memory_order_relaxed)) {
		function(argument);
		/* pairs with [A] */
		atomic_store_explicit(&o->done, 1, memory_order_release);
	}
	pthread_mutex_unlock(mutex_of(o));
}

REGISTER_ONCE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("one lock for all of them"),
		.source = "prosper pull request 86",
		.unsupported = "a canary without a form that fails",
		.flags = IMPL_LARGE,
		.size = sizeof(struct once),
	},
	.call = call,
	.done = done);
