/* SPDX-License-Identifier: MIT */
/*
 * Exit waits for as many ends as there are threads when it begins: a thread
 * that one of those starts is not waited for.
 *
 * Bug:       thread-exit-snapshot
 * Source:    planted; CPython's threading._shutdown looks again until no thread
 *            is left
 * Scenario:  main returns; its thread starts another one and ends
 * Violation: the process ends before a thread that is not a daemon
 */
#define EXIT_SNAPSHOT BROKEN
#include "_ends.h"

REGISTER_THREAD(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("exit waits for those that it finds"),
		.source = "planted",
		.flags = IMPL_LARGE,
		.size = sizeof(struct thread),
	},
	.start = thread_start,
	.join = thread_join,
	.is_alive = thread_is_alive,
	.name = thread_name);
