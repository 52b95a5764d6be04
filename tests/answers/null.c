/* SPDX-License-Identifier: MIT */
/*
 * Excludes nobody. Where threads share data, verification has to fail; where
 * each has its own, it is the harness's loop and nothing else, which has to
 * scale with the threads up to the number of CPUs (M6).
 */
#include "../../primitives/mutex.h"

static inline void lock(void *mutex, void *node)
{
	(void)mutex, (void)node;
}

static inline void unlock(void *mutex, void *node)
{
	(void)mutex, (void)node;
}

REGISTER_MUTEX(
	.id = {
		.name = "null",
		.brief = "known answer: excludes nobody",
		.source = "planted",
		.unsupported = "a known answer has no try or timed form",
		.size = 1,
	},
	.lock = lock,
	.unlock = unlock);
