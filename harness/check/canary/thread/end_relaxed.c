/* SPDX-License-Identifier: MIT */
/*
 * A join that finds the thread ended loads that relaxed: only a join that has
 * slept sees what the thread did.
 *
 * Bug:       thread-end-relaxed
 * Source:    musl commit 53cd8c5a (2015), "add missing memory barrier to
 *            pthread_join"
 * Scenario:  a thread writes and ends; join, or is_alive, and read
 * Violation: stale read (never on x86, where a load is an acquire)
 */
#define END_RELAXED BROKEN
#include "_ends.h"

static int start(void *thread, const struct thread_options *options)
{
	struct thread *t = thread;
	uint32_t was = atomic_load_explicit(&t->state, memory_order_relaxed);
	int error;

	if (!options->function)
		return SYNC_INVALID;
	thread_prepare(t, options);
	atomic_store_explicit(&t->state, ALIVE, memory_order_relaxed);
	error = thread_create(t);
	if (error)
		atomic_store_explicit(&t->state, was, memory_order_relaxed);
	return error;
}

REGISTER_THREAD(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("join has no acquire"),
		.source = "musl commit 53cd8c5a",
		.flags = IMPL_LARGE,
		.size = sizeof(struct thread),
	},
	.start = start,
	.join = thread_join,
	.is_alive = thread_is_alive,
	.name = thread_name);
