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

REGISTER_THREAD(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("join has no acquire"),
		.source = "musl commit 53cd8c5a",
		.flags = IMPL_LARGE,
		.size = sizeof(struct thread),
	},
	.start = thread_start,
	.join = thread_join,
	.is_alive = thread_is_alive,
	.name = thread_name);
