/* SPDX-License-Identifier: MIT */
/*
 * Calls that return an error number leave errno alone, in glibc; programs look
 * at errno after a lock in between.
 */
#include "calls.h"

/* In all ways: it succeeds late, and has timed out if it can. */
static void keeps(const struct call *call, bool timed)
{
	struct timespec soon = in_ms(call->clock, 5);
	struct caller c;

	handle_signals(0, NULL);
	call->hold();
	if (timed) {
		call_start(&c, call, &soon);
		join(&c.thread);
		CHECK(c.error, ETIMEDOUT);
		TRUE(c.errno_kept);
	}
	call_start(&c, call, NULL);
	AWAIT_BLOCKED(&c.thread);
	interrupt(&c.thread);
	AWAIT_ASLEEP(&c.thread);
	call->release();
	join(&c.thread);
	CHECK(c.error, 0);
	TRUE(c.errno_kept);
}

#define KEEPS(name, page)                                                      \
	TEST(name, "libc", page " does not change errno")                      \
	{                                                                      \
		keeps(&call_##name, false);                                    \
	}
UNTIMED_CALLS(KEEPS)
KEEPS(cond_wait, "pthread_cond_wait")

#define KEEPS_TIMED(name, page)                                                \
	TEST(name, "libc", page " does not change errno")                      \
	{                                                                      \
		keeps(&call_##name, true);                                     \
	}
TIMED_LOCK_CALLS(KEEPS_TIMED)
TIMED_COND_CALLS(KEEPS_TIMED)
