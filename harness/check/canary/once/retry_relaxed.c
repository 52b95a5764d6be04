/* SPDX-License-Identifier: MIT */
/*
 * A futex once that claims relaxed, "since nobody has done anything before":
 * but a function that failed has, and the next one may see half of it.
 *
 * Bug:       once-retry-relaxed
 * Source:    review of tokio pull request 7161 (2025), OnceCell
 * Scenario:  one thread's function fails; the next one runs its own and reads
 *            what the first one has written
 * Violation: stale read (never on x86)
 */
#include "../../../../primitives/once.h"
#include "../canary.h"

enum { NEW, RUNNING, DONE };

#if BROKEN
#define CLAIM	memory_order_relaxed
#define GIVE_UP memory_order_relaxed
#else
#define CLAIM	memory_order_acquire /* [F] */
#define GIVE_UP memory_order_release /* [F] */
#endif

struct once {
	_Atomic uint32_t state;
};

static bool done(void *once)
{
	struct once *o = once;

	/* [D] */
	return atomic_load_explicit(&o->state, memory_order_acquire) == DONE;
}

static int attempt(void *once, int (*function)(void *), void *argument)
{
	struct once *o = once;
	uint32_t state = NEW;
	int result;

	while (!atomic_compare_exchange_strong_explicit(
		&o->state, &state, RUNNING, CLAIM, memory_order_relaxed)) {
		if (done(o))
			return SYNC_OK;
		futex_wait(&o->state, RUNNING, DEADLINE_NEVER);
		state = NEW;
	}
	result = function(argument);
	if (result)
		atomic_store_explicit(&o->state, NEW, GIVE_UP);
	else
		atomic_store_explicit(&o->state, DONE, /* [D] */
				      memory_order_release);
	futex_wake_all(&o->state);
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
		.brief = CANARY_BRIEF("a claim after a failure is relaxed"),
		.source = "review of tokio pull request 7161",
		.size = sizeof(struct once),
	},
	.call = call,
	.attempt = attempt,
	.done = done);
