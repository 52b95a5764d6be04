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
 */
#include "_ends.h"

static int start(void *thread, const struct thread_options *options)
{
	struct thread *t = thread;
	uint32_t was = atomic_load_explicit(&t->state, memory_order_relaxed);
	int error;

	if (!options->function)
		return SYNC_INVALID;
	thread_prepare(t, options);
#if !BROKEN
	atomic_store_explicit(&t->state, ALIVE, memory_order_relaxed);
#endif
	error = thread_create(t);
#if BROKEN
	if (!error)
		atomic_store_explicit(&t->state, ALIVE, memory_order_relaxed);
	(void)was;
#else
	if (error)
		atomic_store_explicit(&t->state, was, memory_order_relaxed);
#endif
	return error;
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
	.join = thread_join,
	.is_alive = thread_is_alive,
	.name = thread_name);
