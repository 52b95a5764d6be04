/* SPDX-License-Identifier: MIT */
/*
 * What holds for all calls with a deadline. The rules are functions of a call;
 * the lists of calls.h make a test of each pair.
 */
#include "calls.h"

/* Times that no clock shows, of which POSIX wants EINVAL. */
static const long bad_nanoseconds[] = { -1, 1000000000 };

/* In one thread where the holder may be the caller (a semaphore, a condition),
 * for a lock in another. */
static int call_result(const struct call *call, const struct timespec *until)
{
	struct caller c;

	call_start(&c, call, until);
	join(&c.thread);
	return c.error;
}

static void times_out(const struct call *call)
{
	struct timespec soon;

	call->hold();
	for (int i = 0; i < 3; i++) {
		soon = in_ms(call->clock, 10);
		CHECK(call_result(call, &soon), ETIMEDOUT);
		TRUE(has_passed(call->clock, &soon));
	}
	/* the one that gave up is not in the way */
	call->release();
	CHECK(call_result(call, NULL), 0);
}

static void has_passed_already(const struct call *call)
{
	struct timespec past = in_ms(call->clock, -1000);
	struct timespec epoch = { 0, 0 }, before = { -1, 0 };

	call->hold();
	CHECK(call_result(call, &past), ETIMEDOUT);
	CHECK(call_result(call, &epoch), ETIMEDOUT);
	CHECK(call_result(call, &before), ETIMEDOUT);
}

static void invalid_nanoseconds(const struct call *call)
{
	struct timespec bad = never(call->clock);

	call->hold();
	for (int i = 0; i < 2; i++) {
		bad.tv_nsec = bad_nanoseconds[i];
		CHECK(call_result(call, &bad), EINVAL);
	}
	call->release();
	CHECK(call_result(call, NULL), 0);
}

static void in_time(const struct call *call)
{
	struct caller c;

	call->hold();
	call_start(&c, call, NULL);
	AWAIT_BLOCKED(&c.thread);
	call->release();
	join(&c.thread);
	CHECK(c.error, 0);
}

/* Also where seconds do not fit into 64 bits of nanoseconds. */
static void far_away(const struct call *call)
{
	static const time_t seconds[] = { (time_t)1 << 33, (time_t)1 << 35,
					  INT64_MAX };
	struct caller c;

	for (int i = 0; i < 3; i++) {
		struct timespec until = { seconds[i], 999999999 };

		call->hold();
		call_start(&c, call, &until);
		AWAIT_BLOCKED(&c.thread);
		call->release();
		join(&c.thread);
		CHECK(c.error, 0);
	}
}

static void at_once(const struct call *call)
{
	struct timespec past = { 0, 0 }, bad = never(call->clock);
	int error;

	call->hold();
	call->release();
	CHECK(call->wait(call->clock, &past), 0);
	call->undo();
	for (int i = 0; i < 2; i++) {
		bad.tv_nsec = bad_nanoseconds[i];
		error = call->wait(call->clock, &bad);
		TRUE(error == 0 || error == EINVAL);
		if (error)
			note("tv_nsec is checked before all else");
		else
			call->undo();
	}
	/* nothing was taken */
	CHECK(call->wait(call->clock, &past), 0);
}

static void unknown_clock(const struct call *call)
{
	struct timespec soon = in_ms(CLOCK_MONOTONIC, 10);

	call->hold();
	CHECK(call->wait(CLOCK_PROCESS_CPUTIME_ID, &soon), EINVAL);
	CHECK(call->wait(12345, &soon), EINVAL);
	call->release();
	CHECK(call_result(call, NULL), 0);
}

#define TIMES_OUT(name, page)                                                  \
	TEST(name##_times_out, page,                                           \
	     "ETIMEDOUT once its clock has reached abstime, not before")       \
	{                                                                      \
		times_out(&call_##name);                                       \
	}
TIMED_LOCK_CALLS(TIMES_OUT)
TIMED_COND_CALLS(TIMES_OUT)
TIMED_SEM_CALLS(TIMES_OUT)

#define PASSED_ALREADY(name, page)                                             \
	TEST(name##_passed_already, page,                                      \
	     "the timeout expires if abstime has passed when called")          \
	{                                                                      \
		has_passed_already(&call_##name);                              \
	}
TIMED_LOCK_CALLS(PASSED_ALREADY)
TIMED_COND_CALLS(PASSED_ALREADY)
TIMED_SEM_CALLS(PASSED_ALREADY)

#define INVALID(name, page)                                                    \
	TEST(name##_invalid, page,                                             \
	     "EINVAL if it would block and tv_nsec is below 0 or too large")   \
	{                                                                      \
		invalid_nanoseconds(&call_##name);                             \
	}
TIMED_LOCK_CALLS(INVALID)
TIMED_COND_CALLS(INVALID)
TIMED_SEM_CALLS(INVALID)

#define IN_TIME(name, page)                                                    \
	TEST(name##_in_time, page, "returns 0 if it is released in time")      \
	{                                                                      \
		in_time(&call_##name);                                         \
	}
TIMED_LOCK_CALLS(IN_TIME)
TIMED_COND_CALLS(IN_TIME)
TIMED_SEM_CALLS(IN_TIME)

#define FAR_AWAY(name, page)                                                   \
	TEST(name##_far_away, page,                                            \
	     "an abstime that is far away is waited for, up to the last one")  \
	{                                                                      \
		far_away(&call_##name);                                        \
	}
TIMED_LOCK_CALLS(FAR_AWAY)
TIMED_COND_CALLS(FAR_AWAY)
TIMED_SEM_CALLS(FAR_AWAY)

#define AT_ONCE(name, page)                                                    \
	TEST(name##_at_once, page,                                             \
	     "no timeout if it can be locked immediately; abstime need not "   \
	     "be checked")                                                     \
	{                                                                      \
		at_once(&call_##name);                                         \
	}
TIMED_LOCK_CALLS(AT_ONCE)
TIMED_SEM_CALLS(AT_ONCE)

#define UNKNOWN_CLOCK(name, page)                                              \
	TEST(name##_unknown, page, "EINVAL if the clock is not supported")     \
	{                                                                      \
		unknown_clock(&call_##name);                                   \
	}
MUTEX_CLOCK_CALLS(UNKNOWN_CLOCK)
RWLOCK_CLOCK_CALLS(UNKNOWN_CLOCK)
COND_CLOCK_CALLS(UNKNOWN_CLOCK)
SEM_CLOCK_CALLS(UNKNOWN_CLOCK)
