/* SPDX-License-Identifier: MIT */
/*
 * A futex once that forgets that the function may fail: the state stays at
 * "running" for ever, and nobody is woken.
 *
 * Bug:       pub-once-throw-stuck
 * Source:    glibc bug 18435 and GCC bug 66146, commits ed225df3ad (2015) and
 *            f0419e6a10 (2021): pthread_once hangs when the routine throws
 * Scenario:  the first caller's function fails; the next one, waiting or later,
 *            must run its own
 * Violation: deadlock
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: attempt_2 (deadlock)
 */
#include "../../../../primitives/once.h"
#include "../canary.h"

enum { NEW, RUNNING, DONE };

struct once {
	_Atomic uint32_t state;
};

static bool done(void *once)
{
	struct once *o = once;

	return atomic_load_explicit(&o->state, memory_order_acquire) == DONE;
}

static void settle(struct once *o, uint32_t state)
{
	atomic_store_explicit(&o->state, state, memory_order_release);
	futex_wake_all(&o->state);
}

static int attempt(void *once, int (*function)(void *), void *argument)
{
	struct once *o = once;
	uint32_t state = NEW;
	int result;

	/* acquire on both ways: what the last function did, done or failed */
	while (!atomic_compare_exchange_strong_explicit(
		&o->state, &state, RUNNING, memory_order_acquire,
		memory_order_acquire)) {
		if (state == DONE)
			return SYNC_OK;
		futex_wait(&o->state, RUNNING, DEADLINE_NEVER);
		state = NEW;
	}
	result = function(argument);
#if BROKEN
	if (!result)
		settle(o, DONE);
#else
	settle(o, result ? NEW : DONE);
#endif
	return result;
}

struct sure {
	void (*function)(void *);
	void *argument;
};

static int succeed(void *sure)
{
	struct sure *s = sure;

	s->function(s->argument);
	return SYNC_OK;
}

static void call(void *once, void (*function)(void *), void *argument)
{
	attempt(once, succeed, &(struct sure){ function, argument });
}

REGISTER_ONCE(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a function that fails leaves it running"),
		.source = "glibc bug 18435; GCC bug 66146",
		.size = sizeof(struct once),
	},
	.call = call,
	.attempt = attempt,
	.done = done);
