/* SPDX-License-Identifier: MIT */
/*
 * A signal handler runs in a thread that is blocked in a call: what then?
 * Only semaphores say EINTR.
 */
#include "calls.h"

enum { SIGNALS = 5 };

/* The handler runs while the thread waits, the call does not return, and in
 * the end succeeds. */
static void goes_on(const struct call *call, int flags)
{
	struct caller c;

	handle_signals(flags, NULL);
	call->hold();
	call_start(&c, call, NULL);
	AWAIT_BLOCKED(&c.thread);
	for (int i = 0; i < SIGNALS; i++) {
		interrupt(&c.thread);
		AWAIT_ASLEEP(&c.thread);
	}
	call->release();
	join(&c.thread);
	CHECK(c.error, 0);
}

/* A deadline stays where it is, however often a handler runs. */
static void still_times_out(const struct call *call)
{
	struct timespec soon = in_ms(call->clock, 60);
	struct caller c;

	handle_signals(0, NULL);
	call->hold();
	call_start(&c, call, &soon);
	while (!c.thread.done) {
		/* it may be over by now: no wait for the handler */
		CHECK(pthread_kill(c.thread.id, SIGUSR1), 0);
		pause_ms(2);
	}
	join(&c.thread);
	CHECK(c.error, ETIMEDOUT);
	TRUE(has_passed(call->clock, &soon));
}

static void interrupted(const struct call *call)
{
	struct caller c;
	int value;

	handle_signals(0, NULL);
	call->hold();
	call_start(&c, call, NULL);
	AWAIT_BLOCKED(&c.thread);
	/* the first may come just before it blocks */
	while (!c.thread.done) {
		CHECK(pthread_kill(c.thread.id, SIGUSR1), 0);
		pause_ms(1);
	}
	join(&c.thread);
	CHECK(c.error, EINTR);
	CHECK_ERRNO(sem_getvalue(&call_sem, &value), 0);
	CHECK(value, 0);
	/* a permit that comes now is not the one's who left */
	CHECK_ERRNO(sem_post(&call_sem), 0);
	CHECK_ERRNO(sem_trywait(&call_sem), 0);
}

static void post_call_sem(void)
{
	CHECK_ERRNO(sem_post(&call_sem), 0);
}

/* The handler itself makes the call return. */
static void posts(const struct call *call)
{
	struct caller c;

	handle_signals(SA_RESTART, post_call_sem);
	call->hold();
	call_start(&c, call, NULL);
	AWAIT_BLOCKED(&c.thread);
	interrupt(&c.thread);
	join(&c.thread);
	if (c.error) { /* Linux: timed waits are not restarted */
		CHECK(c.error, EINTR);
		CHECK_ERRNO(sem_trywait(&call_sem), 0);
	}
}

static void restarts(const struct call *call)
{
	struct caller c;

	handle_signals(SA_RESTART, NULL);
	call->hold();
	call_start(&c, call, NULL);
	AWAIT_BLOCKED(&c.thread);
	interrupt(&c.thread);
	for (int i = 0; i < 50 && !c.thread.done; i++)
		pause_ms(1);
	call->release();
	join(&c.thread);
	/* futex(2) with a timeout says EINTR in spite of SA_RESTART */
	TRUE(c.error == 0 || (c.error == EINTR && call != &call_sem_wait));
	if (c.error)
		note("EINTR in spite of SA_RESTART, as futex(2) has it");
}

#define GOES_ON(name, page)                                                    \
	TEST(name##_goes_on, page,                                             \
	     "after a signal handler it resumes waiting; never EINTR")         \
	{                                                                      \
		goes_on(&call_##name, 0);                                      \
	}                                                                      \
	TEST(name##_goes_on_restart, page,                                     \
	     "after a handler with SA_RESTART it resumes waiting")             \
	{                                                                      \
		goes_on(&call_##name, SA_RESTART);                             \
	}
UNTIMED_CALLS(GOES_ON)
TIMED_LOCK_CALLS(GOES_ON)
COND_CALLS(GOES_ON)

#define STILL_TIMES_OUT(name, page)                                            \
	TEST(name##_still_times_out, page,                                     \
	     "signal handlers neither end the wait nor move its deadline")     \
	{                                                                      \
		still_times_out(&call_##name);                                 \
	}
TIMED_LOCK_CALLS(STILL_TIMES_OUT)
TIMED_COND_CALLS(STILL_TIMES_OUT)

#define INTERRUPTED(name, page)                                                \
	TEST(name##_interrupted, page,                                         \
	     "EINTR when a signal interrupts it; the semaphore is unchanged")  \
	{                                                                      \
		interrupted(&call_##name);                                     \
	}                                                                      \
	TEST(name##_posted, "sem_post",                                        \
	     "async-signal-safe: a handler may post what " #name " waits for") \
	{                                                                      \
		posts(&call_##name);                                           \
	}                                                                      \
	TEST(name##_restarted, "sigaction",                                    \
	     "SA_RESTART: what may fail with EINTR does not")                  \
	{                                                                      \
		restarts(&call_##name);                                        \
	}
SEM_CALLS(INTERRUPTED)

/* A handler that posts while its thread is inside a semaphore's own calls must
 * not find a lock that the thread holds. */
static sem_t handler_sem, loop_sem;

static void post_both(void)
{
	CHECK_ERRNO(sem_post(&handler_sem), 0);
	CHECK_ERRNO(sem_post(&loop_sem), 0);
}

static _Atomic bool stop;

static void *post_and_try(void *argument)
{
	while (!stop) {
		CHECK_ERRNO(sem_post(&loop_sem), 0);
		while (sem_trywait(&loop_sem))
			CHECK(errno, EAGAIN);
	}
	return argument;
}

TEST(post_anywhere, "sem_post",
     "async-signal-safe: also when it interrupts sem_post and sem_trywait")
{
	struct thread t;
	int value;

	CHECK_ERRNO(sem_init(&handler_sem, 0, 0), 0);
	CHECK_ERRNO(sem_init(&loop_sem, 0, 0), 0);
	handle_signals(SA_RESTART, post_both);
	start(&t, post_and_try, NULL);
	for (int i = 0; i < 300; i++)
		interrupt(&t);
	stop = true;
	join(&t);
	CHECK_ERRNO(sem_getvalue(&handler_sem, &value), 0);
	CHECK(value, 300);
}
