/* SPDX-License-Identifier: MIT */
/*
 * pthread_once.
 */
#include <unistd.h>

#include "posix.h"

enum { THREADS = 4, ONCES = 300 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Atomic int runs, let_go;

static void count(void)
{
	runs++;
}

TEST(exactly_once, "pthread_once",
     "the first call runs the routine, subsequent calls do not")
{
	for (int i = 0; i < 10; i++) {
		CHECK(pthread_once(&once, count), 0);
		CHECK(runs, 1);
	}
}

/* Threads go through many onces together. */
static pthread_once_t onces[ONCES]; /* zeros: PTHREAD_ONCE_INIT */
static int data[ONCES];		    /* plain */
static _Thread_local int at;
static _Atomic int gate;

static void set_up(void)
{
	if (at % 8 == 0)
		sched_yield();
	data[at]++;
}

static void *call_all(void *unused)
{
	for (at = 0; at < ONCES; at++) {
		gate++;
		await(&gate, (at + 1) * THREADS);
		CHECK(pthread_once(&onces[at], set_up), 0);
		CHECK(data[at], 1);
	}
	return unused;
}

TEST(by_many, "pthread_once",
     "on return from pthread_once the routine shall have completed")
{
	struct thread threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		start(&threads[i], call_all, NULL);
	for (int i = 0; i < THREADS; i++)
		join(&threads[i]);
}

static void wait_for_main(void)
{
	runs = 1;
	await(&let_go, 1);
	runs = 2;
}

static void *call_once(void *unused)
{
	entering();
	CHECK(pthread_once(&once, wait_for_main), 0);
	CHECK(runs, 2);
	return unused;
}

TEST(others_wait, "pthread_once", "other callers wait while the routine runs")
{
	struct thread first, second, third;

	start(&first, call_once, NULL);
	await(&runs, 1);
	start(&second, call_once, NULL);
	start(&third, call_once, NULL);
	AWAIT_BLOCKED(&second);
	AWAIT_BLOCKED(&third);
	let_go = 1;
	join(&first);
	join(&second);
	join(&third);
}

static pthread_once_t inner = PTHREAD_ONCE_INIT;

static void count_and_call(void)
{
	runs += 10;
	CHECK(pthread_once(&inner, count), 0);
	CHECK(pthread_once(&inner, count), 0);
}

TEST(nested, "pthread_once", "a routine may call pthread_once for another")
{
	CHECK(pthread_once(&once, count_and_call), 0);
	CHECK(runs, 11);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t sem;

static void use_others(void)
{
	CHECK(pthread_mutex_lock(&mutex), 0);
	CHECK_ERRNO(sem_init(&sem, 0, 1), 0);
	CHECK_ERRNO(sem_wait(&sem), 0);
	CHECK(pthread_mutex_unlock(&mutex), 0);
	runs++;
}

TEST(calls_others, "pthread_once",
     "a routine may use other objects of synchronisation")
{
	CHECK(pthread_once(&once, use_others), 0);
	CHECK(runs, 1);
}

/* ------------------------------------------------------------- cancellation */

static void block_for_ever(void)
{
	runs++;
	entering();
	for (;;)
		pause();
}

static void *call_to_be_cancelled(void *unused)
{
	CHECK(pthread_once(&once, block_for_ever), 0);
	return unused;
}

static void cancel_in_routine(void)
{
	struct thread t;

	start(&t, call_to_be_cancelled, NULL);
	AWAIT_BLOCKED(&t);
	CHECK(pthread_cancel(t.id), 0);
	TRUE(join(&t) == PTHREAD_CANCELED);
}

TEST(cancelled, "pthread_once",
     "cancelled in the routine: as if pthread_once was never called")
{
	for (int i = 1; i <= 3; i++) {
		cancel_in_routine();
		CHECK(runs, i);
	}
	CHECK(pthread_once(&once, count), 0);
	CHECK(runs, 4);
	CHECK(pthread_once(&once, count), 0);
	CHECK(runs, 4);
}

static void *count_once(void *unused)
{
	entering();
	CHECK(pthread_once(&once, count), 0);
	return unused;
}

TEST(cancelled_while_others_wait, "pthread_once",
     "cancelled in the routine: one of those that wait runs its own")
{
	struct thread first, second, third;

	start(&first, call_to_be_cancelled, NULL);
	AWAIT_BLOCKED(&first);
	start(&second, count_once, NULL);
	start(&third, count_once, NULL);
	AWAIT_BLOCKED(&second);
	AWAIT_BLOCKED(&third);
	CHECK(pthread_cancel(first.id), 0);
	TRUE(join(&first) == PTHREAD_CANCELED);
	join(&second);
	join(&third);
	CHECK(runs, 2);
}

static void count_and_testcancel(void)
{
	runs++;
	pthread_testcancel();
	runs++;
}

static void *call_cancelled(void *unused)
{
	CHECK(pthread_cancel(pthread_self()), 0);
	CHECK(pthread_once(&once, count_and_testcancel), 0);
	return unused;
}

TEST(pending, "pthread_once",
     "not a cancellation point, but its routine may be one")
{
	struct thread t;

	start(&t, call_cancelled, NULL);
	TRUE(join(&t) == PTHREAD_CANCELED);
	CHECK(runs, 1);
	CHECK(pthread_once(&once, count), 0);
	CHECK(runs, 2);
}

/* --------------------------------------------------------------------- fork */

static void once_in_child(void *expected)
{
	CHECK(pthread_once(&once, count), 0);
	CHECK(runs, (int)(intptr_t)expected);
}

TEST(done_before_fork, "fork", "what was done stays done in the child")
{
	CHECK(pthread_once(&once, count), 0);
	join_process(start_process(once_in_child, (void *)1));
}

TEST(running_while_fork, "libc",
     "a routine that another thread runs at fork is run again in the child")
{
	struct thread t;

	start(&t, call_once, NULL);
	await(&runs, 1);
	join_process(start_process(once_in_child, (void *)2));
	let_go = 1;
	join(&t);
}
