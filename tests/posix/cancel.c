/* SPDX-License-Identifier: MIT */
/*
 * pthread_cond_*wait and sem_*wait are cancellation points (XSH 2.9.5.2). The
 * mutex of calls.c is an errorcheck one, and the clean-up handler there fails
 * unless it holds it.
 */
#include "calls.h"

/* The object is as if the cancelled thread had never called. */
static void still_works(const struct call *call)
{
	struct caller c;

	call_start(&c, call, NULL);
	AWAIT_BLOCKED(&c.thread);
	call->release();
	join(&c.thread);
	CHECK(c.error, 0);
}

struct pending {
	const struct call *call;
	struct timespec until;
};

static void *call_with_request(void *argument)
{
	struct pending *p = argument;

	CHECK(pthread_cancel(pthread_self()), 0);
	p->call->wait(p->call->clock, &p->until);
	return NULL;
}

static void pending(const struct call *call)
{
	struct pending p = { call, never(call->clock) };
	struct thread t;

	call->hold();
	start(&t, call_with_request, &p);
	TRUE(join(&t) == PTHREAD_CANCELED);
	still_works(call);
}

static void pending_and_late(const struct call *call)
{
	struct pending p = { call, { 0, 0 } };
	struct thread t;

	call->hold();
	start(&t, call_with_request, &p);
	TRUE(join(&t) == PTHREAD_CANCELED);
	still_works(call);
}

static void blocked(const struct call *call)
{
	struct caller c;

	call->hold();
	for (int i = 0; i < 3; i++) {
		call_start(&c, call, NULL);
		AWAIT_BLOCKED(&c.thread);
		CHECK(pthread_cancel(c.thread.id), 0);
		TRUE(join(&c.thread) == PTHREAD_CANCELED);
	}
	still_works(call);
}

static void *call_disabled(void *argument)
{
	struct caller *c = argument;

	CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL), 0);
	entering();
	c->error = c->call->wait(c->call->clock, &c->until);
	CHECK(c->error, 0);
	CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL), 0);
	pthread_testcancel();
	return NULL;
}

static void disabled(const struct call *call)
{
	struct caller c = { .call = call, .until = never(call->clock) };

	call->hold();
	start(&c.thread, call_disabled, &c);
	AWAIT_BLOCKED(&c.thread);
	CHECK(pthread_cancel(c.thread.id), 0);
	AWAIT_ASLEEP(&c.thread);
	call->release();
	TRUE(join(&c.thread) == PTHREAD_CANCELED);
}

/* Handlers interrupt a wait that is a cancellation point; it stays one. */
static void after_handler(const struct call *call)
{
	struct caller c;

	handle_signals(SA_RESTART, NULL);
	call->hold();
	call_start(&c, call, NULL);
	AWAIT_BLOCKED(&c.thread);
	interrupt(&c.thread);
	AWAIT_ASLEEP(&c.thread);
	CHECK(pthread_cancel(c.thread.id), 0);
	TRUE(join(&c.thread) == PTHREAD_CANCELED);
	still_works(call);
}

#define CANCELLED(name, page)                                                  \
	TEST(name##_pending, page,                                             \
	     "cancellation point: a pending request is acted upon")            \
	{                                                                      \
		pending(&call_##name);                                         \
	}                                                                      \
	TEST(name##_blocked, page,                                             \
	     "cancellation point: a request ends the wait")                    \
	{                                                                      \
		blocked(&call_##name);                                         \
	}                                                                      \
	TEST(name##_disabled, page,                                            \
	     "a request is held back while cancellation is disabled")          \
	{                                                                      \
		disabled(&call_##name);                                        \
	}
COND_CALLS(CANCELLED)
SEM_CALLS(CANCELLED)

#define LATE(name, page)                                                       \
	TEST(name##_late, page,                                                \
	     "a pending request is acted upon though abstime has passed")      \
	{                                                                      \
		pending_and_late(&call_##name);                                \
	}
TIMED_COND_CALLS(LATE)
TIMED_SEM_CALLS(LATE)

/* Semaphores' timed waits may say EINTR instead. */
#define AFTER_HANDLER(name, page)                                              \
	TEST(name##_after_handler, page,                                       \
	     "cancellation point: also after a signal handler")                \
	{                                                                      \
		after_handler(&call_##name);                                   \
	}
COND_CALLS(AFTER_HANDLER)
AFTER_HANDLER(sem_wait, "sem_wait")

/* The permit stays: no side effect of a call that was cancelled. */
static void permit(const struct call *call)
{
	struct pending p = { call, never(call->clock) };
	bool clockwait = call == &call_sem_clockwait_realtime ||
			 call == &call_sem_clockwait_monotonic;
	struct thread t;
	void *result;
	int value;

	CHECK_ERRNO(sem_init(&call_sem, 0, 1), 0);
	start(&t, call_with_request, &p);
	result = join(&t);
	CHECK_ERRNO(sem_getvalue(&call_sem, &value), 0);
	if (clockwait && !result) { /* nptl/sem_clockwait.c, 2.36 */
		note("libc's bug: sem_clockwait takes a permit without a look "
		     "at requests");
		CHECK(value, 0);
		return;
	}
	TRUE(result == PTHREAD_CANCELED);
	CHECK(value, 1);
}

#define PERMIT(name, page)                                                     \
	TEST(name##_permit, page,                                              \
	     "a pending request is acted upon though there is a permit, "      \
	     "which stays")                                                    \
	{                                                                      \
		permit(&call_##name);                                          \
	}
SEM_CALLS(PERMIT)

static void mutex_first(const struct call *call)
{
	struct caller c;

	call->hold();
	call_start(&c, call, NULL);
	AWAIT_BLOCKED(&c.thread);
	CHECK(pthread_mutex_lock(&cond_mutex), 0);
	CHECK(pthread_cancel(c.thread.id), 0);
	/* if it does not wait for the mutex, its handler will notice */
	AWAIT_ASLEEP(&c.thread);
	pause_ms(5);
	TRUE(!c.thread.done);
	CHECK(pthread_mutex_unlock(&cond_mutex), 0);
	TRUE(join(&c.thread) == PTHREAD_CANCELED);
	still_works(call);
}

#define MUTEX_FIRST(name, page)                                                \
	TEST(name##_mutex_first, page,                                         \
	     "the mutex is re-acquired before the first clean-up handler")     \
	{                                                                      \
		mutex_first(&call_##name);                                     \
	}
COND_CALLS(MUTEX_FIRST)

/* ------------------------------------------- nothing is consumed by the dead
 */

enum { ROUNDS = 400 };

/* Two wait for tickets; one is cancelled at about the time of a signal. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int tickets, waiting;
static _Atomic int cancel_now;

static void unlock(void *result)
{
	CHECK(pthread_mutex_unlock(&mutex), 0);
	(void)result;
}

static void *take_ticket(void *timed)
{
	struct timespec until = never(CLOCK_REALTIME);

	CHECK(pthread_mutex_lock(&mutex), 0);
	pthread_cleanup_push(unlock, NULL);
	waiting++;
	while (!tickets)
		CHECK(timed ? pthread_cond_timedwait(&cond, &mutex, &until)
			    : pthread_cond_wait(&cond, &mutex),
		      0);
	tickets--;
	pthread_cleanup_pop(1);
	return NULL;
}

static void await_both(void)
{
	for (bool both = false; !both; sched_yield()) {
		CHECK(pthread_mutex_lock(&mutex), 0);
		both = waiting == 2;
		CHECK(pthread_mutex_unlock(&mutex), 0);
	}
	waiting = 0;
}

static void give_ticket(void)
{
	CHECK(pthread_mutex_lock(&mutex), 0);
	tickets++;
	CHECK(pthread_cond_signal(&cond), 0);
	CHECK(pthread_mutex_unlock(&mutex), 0);
}

static void *cancel_other(void *other)
{
	await(&cancel_now, 1);
	CHECK(pthread_cancel(((struct thread *)other)->id), 0);
	return NULL;
}

/* give() is for one of the two, at about the time that `a` is cancelled. If `a`
 * got it, another is for `b`. Then b has to return, and hangs if the cancelled
 * one took something along. */
static void race(struct thread *a, void (*give)(void), int round)
{
	struct thread canceller;

	cancel_now = 0;
	if (round % 3 == 0)
		CHECK(pthread_cancel(a->id), 0);
	if (round % 3 == 1)
		start(&canceller, cancel_other, a);
	cancel_now = 1;
	give();
	if (round % 3 == 1)
		join(&canceller);
	if (round % 3 == 2)
		CHECK(pthread_cancel(a->id), 0);
	if (join(a) != PTHREAD_CANCELED)
		give();
}

static void cond_race(void *timed)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct thread a, b;

		start(&a, take_ticket, timed);
		start(&b, take_ticket, timed);
		await_both();
		/* which of them came first differs */
		race(&a, give_ticket, i);
		TRUE(join(&b) == NULL);
		CHECK(tickets, 0);
	}
}

TEST(cond_wait_consumes_nothing, "pthread_cond_wait",
     "a cancelled thread shall not consume a signal if others are blocked")
{
	cond_race(NULL);
}

TEST(cond_timedwait_consumes_nothing, "pthread_cond_timedwait",
     "a cancelled thread shall not consume a signal if others are blocked")
{
	cond_race(&cond);
}

static sem_t sem;

static void *take_permit(void *timed)
{
	struct timespec until = never(CLOCK_REALTIME);

	CHECK_ERRNO(timed ? sem_timedwait(&sem, &until) : sem_wait(&sem), 0);
	return NULL;
}

static void give_permit(void)
{
	CHECK_ERRNO(sem_post(&sem), 0);
}

/* glibc before 2.41 (bug 12683): the cancelled one was woken by the post, and
 * nobody wakes the other, who sleeps beside a permit. If it was only slow, the
 * second permit is left over. */
static bool sleeps_beside_permit(struct thread *b)
{
	int value;

	for (int ms = 0; ms < 200; ms++) {
		if (b->done)
			return false;
		pause_ms(1);
	}
	CHECK_ERRNO(sem_getvalue(&sem, &value), 0);
	if (value < 1)
		return false;
	give_permit();
	return true;
}

static void sem_race(void *timed)
{
	int value;

	CHECK_ERRNO(sem_init(&sem, 0, 0), 0);
	for (int i = 0; i < ROUNDS; i++) {
		struct thread a, b;

		start(&a, take_permit, timed);
		start(&b, take_permit, timed);
		if (i % 2)
			pause_ms(1);
		race(&a, give_permit, i);
		if (sleeps_beside_permit(&b)) {
			join(&b);
			CHECK_ERRNO(sem_wait(&sem), 0);
			note("libc's bug: 12683, the post wakes the one that "
			     "is cancelled and nobody else");
			i = ROUNDS;
		} else {
			TRUE(join(&b) == NULL);
		}
		CHECK_ERRNO(sem_getvalue(&sem, &value), 0);
		CHECK(value, 0);
	}
}

TEST(sem_wait_consumes_nothing, "sem_wait",
     "a cancelled thread has not taken a permit, and one that has returns")
{
	sem_race(NULL);
}

TEST(sem_timedwait_consumes_nothing, "sem_timedwait",
     "a cancelled thread has not taken a permit, and one that has returns")
{
	sem_race(&sem);
}
