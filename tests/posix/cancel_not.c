/* SPDX-License-Identifier: MIT */
/*
 * Calls that are no cancellation points: "an implementation shall not introduce
 * cancellation points into any other functions" (XSH 2.9.5.2). Of rwlocks the
 * text says that it may; libc does not.
 */
#include "calls.h"

static void *call_then_die(void *argument)
{
	struct caller *c = argument;

	CHECK(pthread_cancel(pthread_self()), 0);
	entering();
	c->error = c->call->wait(c->call->clock, &c->until);
	if (c->error == 0)
		c->call->undo();
	pthread_testcancel();
	return NULL;
}

/* One request is there when it is called, another arrives while it waits. */
static void ignores(const struct call *call)
{
	struct caller c = { .call = call, .until = never(call->clock) };

	c.error = -1;
	call->hold();
	start(&c.thread, call_then_die, &c);
	AWAIT_BLOCKED(&c.thread);
	CHECK(pthread_cancel(c.thread.id), 0);
	AWAIT_ASLEEP(&c.thread);
	call->release();
	TRUE(join(&c.thread) == PTHREAD_CANCELED);
	CHECK(c.error, 0);
}

static void ignores_and_times_out(const struct call *call)
{
	struct caller c = { .call = call, .until = in_ms(call->clock, 20) };

	call->hold();
	start(&c.thread, call_then_die, &c);
	TRUE(join(&c.thread) == PTHREAD_CANCELED);
	CHECK(c.error, ETIMEDOUT);
}

#define IGNORES(name, page)                                                    \
	TEST(name##_ignores, page,                                             \
	     "not a cancellation point: a request waits until it is over")     \
	{                                                                      \
		ignores(&call_##name);                                         \
	}
UNTIMED_CALLS(IGNORES)
TIMED_LOCK_CALLS(IGNORES)

#define IGNORES_TIMED(name, page)                                              \
	TEST(name##_times_out, page,                                           \
	     "not a cancellation point: nor when it times out")                \
	{                                                                      \
		ignores_and_times_out(&call_##name);                           \
	}
TIMED_LOCK_CALLS(IGNORES_TIMED)

static _Atomic int calls_done;

/* Each that never blocks, with a request pending. */
static void *call_all(void *argument)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
	pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
	pthread_spinlock_t spin;
	sem_t sem;
	int value;

	CHECK(pthread_cancel(pthread_self()), 0);
	CHECK(pthread_mutex_lock(&mutex), 0);
	CHECK(pthread_mutex_trylock(&mutex), EBUSY);
	CHECK(pthread_mutex_unlock(&mutex), 0);
	CHECK(pthread_cond_signal(&cond), 0);
	CHECK(pthread_cond_broadcast(&cond), 0);
	CHECK(pthread_cond_destroy(&cond), 0);
	CHECK(pthread_rwlock_rdlock(&rwlock), 0);
	CHECK(pthread_rwlock_tryrdlock(&rwlock), 0);
	CHECK(pthread_rwlock_trywrlock(&rwlock), EBUSY);
	CHECK(pthread_rwlock_unlock(&rwlock), 0);
	CHECK(pthread_rwlock_unlock(&rwlock), 0);
	CHECK(pthread_spin_init(&spin, 0), 0);
	CHECK(pthread_spin_lock(&spin), 0);
	CHECK(pthread_spin_trylock(&spin), EBUSY);
	CHECK(pthread_spin_unlock(&spin), 0);
	CHECK_ERRNO(sem_init(&sem, 0, 0), 0);
	CHECK_ERRNO(sem_trywait(&sem), EAGAIN);
	CHECK_ERRNO(sem_post(&sem), 0);
	CHECK_ERRNO(sem_trywait(&sem), 0);
	CHECK_ERRNO(sem_getvalue(&sem, &value), 0);
	CHECK_ERRNO(sem_destroy(&sem), 0);
	calls_done = 1;
	pthread_testcancel();
	return argument;
}

TEST(calls_that_never_block, "XSH 2.9.5.2",
     "no cancellation points in functions that are not listed")
{
	struct thread t;

	start(&t, call_all, NULL);
	TRUE(join(&t) == PTHREAD_CANCELED);
	CHECK(calls_done, 1);
}
