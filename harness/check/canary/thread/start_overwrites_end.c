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
#define START_OVERWRITES BROKEN
#include "_ends.h"

REGISTER_THREAD(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("start overwrites the end"),
		.source = "RoboVM issue 70",
		.flags = IMPL_LARGE,
		.size = sizeof(struct thread),
	},
	.start = thread_start,
	.join = thread_join,
	.is_alive = thread_is_alive,
	.name = thread_name);
