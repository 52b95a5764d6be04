/* SPDX-License-Identifier: MIT */
/*
 * Conditions. Deadlines are in timed.c, cancellation in cancel.c, those with
 * robust and shared mutexes in mutex_kept.c.
 */
#include <string.h>

#include "posix.h"

enum { WAITERS = 4 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int tickets, waiting;
static _Atomic int served;

static void lock(void)
{
	CHECK(pthread_mutex_lock(&mutex), 0);
}

static void unlock(void)
{
	CHECK(pthread_mutex_unlock(&mutex), 0);
}

static void *take_ticket(void *argument)
{
	lock();
	waiting++;
	while (!tickets)
		CHECK(pthread_cond_wait(&cond, &mutex), 0);
	tickets--;
	served++;
	unlock();
	return argument;
}

/* Waiting is to be inside of wait: the mutex was free in between. */
static void await_waiting(int n)
{
	for (bool all = false; !all; sched_yield()) {
		lock();
		all = waiting >= n;
		unlock();
	}
}

static void start_waiters(struct thread *threads, int n)
{
	for (int i = 0; i < n; i++)
		start(&threads[i], take_ticket, NULL);
	await_waiting(n);
}

static void join_all(struct thread *threads, int n)
{
	for (int i = 0; i < n; i++)
		join(&threads[i]);
}

TEST(releases_and_blocks, "pthread_cond_wait",
     "releases the mutex and blocks, atomically: a signal after is not lost")
{
	struct thread t;

	for (int i = 0; i < 500; i++) {
		waiting = 0;
		start_waiters(&t, 1);
		lock();
		tickets = 1;
		CHECK(pthread_cond_signal(&cond), 0);
		unlock();
		join(&t);
	}
}

TEST(signal_wakes_one, "pthread_cond_signal",
     "unblocks at least one of the blocked threads; n signals unblock n")
{
	struct thread threads[WAITERS];

	start_waiters(threads, WAITERS);
	for (int i = 0; i < WAITERS; i++) {
		lock();
		tickets++;
		CHECK(pthread_cond_signal(&cond), 0);
		unlock();
		await(&served, i + 1);
	}
	join_all(threads, WAITERS);
}

TEST(signals_in_a_row, "pthread_cond_signal",
     "n signals before anybody runs unblock n threads")
{
	struct thread threads[WAITERS];

	for (int round = 0; round < 50; round++) {
		waiting = 0;
		start_waiters(threads, WAITERS);
		lock();
		tickets = WAITERS;
		for (int i = 0; i < WAITERS; i++)
			CHECK(pthread_cond_signal(&cond), 0);
		unlock();
		join_all(threads, WAITERS);
	}
}

TEST(broadcast_wakes_all, "pthread_cond_broadcast",
     "unblocks all threads that are blocked; they contend for the mutex")
{
	struct thread threads[WAITERS];

	for (int round = 0; round < 50; round++) {
		waiting = 0;
		start_waiters(threads, WAITERS);
		lock();
		tickets = WAITERS;
		CHECK(pthread_cond_broadcast(&cond), 0);
		unlock();
		join_all(threads, WAITERS);
	}
}

TEST(signal_without_mutex, "pthread_cond_signal",
     "may be called whether or not the thread owns the mutex")
{
	struct thread threads[WAITERS];

	start_waiters(threads, WAITERS);
	lock();
	tickets = 1;
	unlock();
	CHECK(pthread_cond_signal(&cond), 0);
	await(&served, 1);
	lock();
	tickets = WAITERS - 1;
	unlock();
	CHECK(pthread_cond_broadcast(&cond), 0);
	join_all(threads, WAITERS);
}

TEST(signal_nobody, "pthread_cond_signal",
     "no effect if no thread is blocked: it is not kept for a later one")
{
	enum { SIGNALS = 200 };
	int timeouts = 0;

	for (int i = 0; i < SIGNALS; i++) {
		CHECK(pthread_cond_signal(&cond), 0);
		CHECK(pthread_cond_broadcast(&cond), 0);
	}
	lock();
	/* some returns without a signal are allowed */
	for (int i = 0; i < SIGNALS && !timeouts; i++) {
		struct timespec soon = in_ms(CLOCK_REALTIME, 5);

		timeouts += pthread_cond_timedwait(&cond, &mutex, &soon) ==
			    ETIMEDOUT;
	}
	unlock();
	TRUE(timeouts > 0);
}

static void *pass_on(void *argument)
{
	lock();
	waiting = 1;
	while (waiting)
		CHECK(pthread_cond_wait(&cond, &mutex), 0);
	tickets = 1;
	CHECK(pthread_cond_signal(&cond), 0);
	unlock();
	return argument;
}

TEST(not_by_the_late, "pthread_cond_signal",
     "goes to threads that are blocked then, not to one that waits afterwards")
{
	struct thread t;

	for (int i = 0; i < 300; i++) {
		start(&t, pass_on, NULL);
		await_waiting(1);
		lock();
		waiting = 0;
		tickets = 0;
		CHECK(pthread_cond_signal(&cond), 0);
		/* if our own wait takes the signal, t waits for ever */
		while (!tickets)
			CHECK(pthread_cond_wait(&cond, &mutex), 0);
		unlock();
		join(&t);
	}
}

/* ------------------------------------------------------- with the mutex held
 */

static void make_mutex(pthread_mutex_t *m, int type)
{
	pthread_mutexattr_t a;

	CHECK(pthread_mutexattr_init(&a), 0);
	CHECK(pthread_mutexattr_settype(&a, type), 0);
	CHECK(pthread_mutex_init(m, &a), 0);
}

static pthread_mutex_t typed;
static _Atomic int in_wait;

static void *wait_typed(void *argument)
{
	CHECK(pthread_mutex_lock(&typed), 0);
	while (!tickets) {
		in_wait = 1;
		CHECK(pthread_cond_wait(&cond, &typed), 0);
	}
	CHECK(pthread_mutex_trylock(&typed),
	      argument == NULL ? EBUSY : 0); /* the recursive one counts */
	if (argument)
		CHECK(pthread_mutex_unlock(&typed), 0);
	CHECK(pthread_mutex_unlock(&typed), 0);
	return NULL;
}

static void held_after(int type)
{
	struct thread t;

	make_mutex(&typed, type);
	start(&t, wait_typed, type == PTHREAD_MUTEX_RECURSIVE ? &typed : NULL);
	await(&in_wait, 1);
	CHECK(pthread_mutex_lock(&typed), 0);
	tickets = 1;
	CHECK(pthread_cond_signal(&cond), 0);
	/* it cannot return before we let go */
	pause_ms(5);
	TRUE(!t.done);
	CHECK(pthread_mutex_unlock(&typed), 0);
	join(&t);
	if (type == PTHREAD_MUTEX_ERRORCHECK || type == PTHREAD_MUTEX_RECURSIVE)
		CHECK(pthread_mutex_unlock(&typed), EPERM);
	CHECK(pthread_mutex_trylock(&typed), 0);
	CHECK(pthread_mutex_unlock(&typed), 0);
	CHECK(pthread_mutex_destroy(&typed), 0);
}

#define HELD_AFTER(name, type)                                                 \
	TEST(held_after_##name, "pthread_cond_wait",                           \
	     "upon return the mutex is locked and owned by the "               \
	     "caller; " #name)                                                 \
	{                                                                      \
		held_after(type);                                              \
	}
HELD_AFTER(normal, PTHREAD_MUTEX_NORMAL)
HELD_AFTER(errorcheck, PTHREAD_MUTEX_ERRORCHECK)
HELD_AFTER(recursive, PTHREAD_MUTEX_RECURSIVE)
HELD_AFTER(adaptive, PTHREAD_MUTEX_ADAPTIVE_NP)

static void *hold_a_while(void *argument)
{
	CHECK(pthread_mutex_lock(&typed), 0);
	in_wait = 2;
	pause_ms(40);
	CHECK(pthread_mutex_unlock(&typed), 0);
	return argument;
}

TEST(held_after_timeout, "pthread_cond_timedwait",
     "the mutex is re-acquired upon ETIMEDOUT too, however late that is")
{
	struct timespec soon;
	struct thread t;

	make_mutex(&typed, PTHREAD_MUTEX_ERRORCHECK);
	for (int i = 0; i < 4; i++) {
		int error = 0;

		CHECK(pthread_mutex_lock(&typed), 0);
		in_wait = 0;
		start(&t, hold_a_while, NULL);
		soon = in_ms(CLOCK_REALTIME, 20);
		while (!error)
			error = pthread_cond_timedwait(&cond, &typed, &soon);
		CHECK(error, ETIMEDOUT);
		CHECK(pthread_mutex_lock(&typed), EDEADLK);
		CHECK(pthread_mutex_unlock(&typed), 0);
		join(&t);
	}
}

TEST(held_after_einval, "pthread_cond_timedwait",
     "EINVAL: abstime's nanoseconds are not a time; the mutex stays locked")
{
	struct timespec bad = { in_ms(CLOCK_REALTIME, 0).tv_sec + 3600, -1 };

	make_mutex(&typed, PTHREAD_MUTEX_ERRORCHECK);
	CHECK(pthread_mutex_lock(&typed), 0);
	CHECK(pthread_cond_timedwait(&cond, &typed, &bad), EINVAL);
	CHECK(pthread_mutex_lock(&typed), EDEADLK);
	bad.tv_nsec = 1000000000;
	CHECK(pthread_cond_timedwait(&cond, &typed, &bad), EINVAL);
	CHECK(pthread_cond_clockwait(&cond, &typed, CLOCK_MONOTONIC, &bad),
	      EINVAL);
	CHECK(pthread_mutex_lock(&typed), EDEADLK);
	CHECK(pthread_mutex_unlock(&typed), 0);
}

TEST(not_owned, "pthread_cond_wait",
     "EPERM: an errorcheck mutex that the caller does not own")
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 1000);
	struct timespec soon_too = in_ms(CLOCK_MONOTONIC, 1000);

	make_mutex(&typed, PTHREAD_MUTEX_ERRORCHECK);
	CHECK(pthread_cond_wait(&cond, &typed), EPERM);
	CHECK(pthread_cond_timedwait(&cond, &typed, &soon), EPERM);
	CHECK(pthread_cond_clockwait(&cond, &typed, CLOCK_MONOTONIC, &soon_too),
	      EPERM);
	CHECK(pthread_mutex_destroy(&typed), 0);
	/* no waiter is left behind that would take this signal */
	held_after(PTHREAD_MUTEX_ERRORCHECK);
}

TEST(one_after_another, "pthread_cond_wait",
     "a binding to a mutex ends with the last wait: then another mutex")
{
	static const int types[] = { PTHREAD_MUTEX_NORMAL,
				     PTHREAD_MUTEX_ERRORCHECK,
				     PTHREAD_MUTEX_RECURSIVE };

	for (int i = 0; i < 30; i++) {
		in_wait = tickets = 0;
		held_after(types[i % 3]);
	}
}

TEST(several_conditions, "pthread_cond_wait",
     "different conditions may be used with one mutex at a time")
{
	pthread_cond_t other = PTHREAD_COND_INITIALIZER;
	struct timespec soon;
	struct thread t;
	int error = 0;

	start_waiters(&t, 1);
	lock();
	CHECK(pthread_cond_broadcast(&other), 0);
	soon = in_ms(CLOCK_REALTIME, 5);
	while (!error)
		error = pthread_cond_timedwait(&other, &mutex, &soon);
	CHECK(error, ETIMEDOUT);
	CHECK(served, 0);
	tickets = 1;
	CHECK(pthread_cond_signal(&cond), 0);
	unlock();
	join(&t);
}

/* ----------------------------------------------------------- initialisation */

TEST(default_clock, "pthread_condattr_getclock",
     "the default is the system clock; a CPU-time clock is EINVAL")
{
	pthread_condattr_t a;
	clockid_t clock;

	CHECK(pthread_condattr_init(&a), 0);
	CHECK(pthread_condattr_getclock(&a, &clock), 0);
	CHECK(clock, CLOCK_REALTIME);
	CHECK(pthread_condattr_setclock(&a, CLOCK_PROCESS_CPUTIME_ID), EINVAL);
	CHECK(pthread_condattr_setclock(&a, CLOCK_MONOTONIC), 0);
	CHECK(pthread_condattr_getclock(&a, &clock), 0);
	CHECK(clock, CLOCK_MONOTONIC);
}

/* One wait that ends by a timeout, one by a signal, and destroy. */
static void use(pthread_cond_t *c, clockid_t clock)
{
	struct timespec soon = in_ms(clock, 5);
	int error = 0;

	lock();
	while (!error)
		error = pthread_cond_timedwait(c, &mutex, &soon);
	CHECK(error, ETIMEDOUT);
	TRUE(has_passed(clock, &soon));
	unlock();
	CHECK(pthread_cond_signal(c), 0);
	CHECK(pthread_cond_broadcast(c), 0);
	CHECK(pthread_cond_destroy(c), 0);
}

TEST(any_memory, "pthread_cond_init",
     "initialises whatever was in the memory before")
{
	pthread_cond_t c;

	for (int byte = 0; byte < 256; byte += 51) {
		memset(&c, byte, sizeof(c));
		CHECK(pthread_cond_init(&c, NULL), 0);
		use(&c, CLOCK_REALTIME);
	}
}

TEST(again_after_destroy, "pthread_cond_destroy",
     "a destroyed condition can be initialised again, with another clock")
{
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;
	pthread_condattr_t a;

	CHECK(pthread_condattr_init(&a), 0);
	CHECK(pthread_condattr_setclock(&a, CLOCK_MONOTONIC), 0);
	use(&c, CLOCK_REALTIME);
	for (int i = 0; i < 3; i++) {
		CHECK(pthread_cond_init(&c, &a), 0);
		use(&c, CLOCK_MONOTONIC);
		CHECK(pthread_cond_init(&c, NULL), 0);
		use(&c, CLOCK_REALTIME);
	}
}

/* ------------------------------------------------------------------- hand-over
 */

enum { TURNS = 3000 };

static int turn;
static pthread_cond_t conds[2] = { PTHREAD_COND_INITIALIZER,
				   PTHREAD_COND_INITIALIZER };

static void *take_turns(void *index)
{
	int me = (int)(intptr_t)index;

	for (int i = 0; i < TURNS; i++) {
		struct timespec until = never(CLOCK_MONOTONIC);

		lock();
		while (turn != me)
			CHECK(i % 3 ? pthread_cond_wait(&conds[me], &mutex)
				    : pthread_cond_clockwait(&conds[me], &mutex,
							     CLOCK_MONOTONIC,
							     &until),
			      0);
		turn = !me;
		if (i % 2)
			unlock();
		CHECK(pthread_cond_signal(&conds[!me]), 0);
		if (i % 2 == 0)
			unlock();
	}
	return NULL;
}

TEST(turns, "pthread_cond_signal",
     "no signal is lost: two threads wake each other thousands of times")
{
	struct thread a, b;

	start(&a, take_turns, NULL);
	start(&b, take_turns, (void *)1);
	join(&a);
	join(&b);
}

/* A bounded buffer: producers and consumers wait on two conditions, some with
 * deadlines that pass all the time. */
enum { ITEMS = 4000, CAPACITY = 3 };

static int stored, produced, consumed;

static void move(int *done, int from, int step, pthread_cond_t *mine,
		 pthread_cond_t *theirs)
{
	struct timespec soon;

	lock();
	while (*done < ITEMS) {
		if (stored == from) {
			soon = in_ms(CLOCK_REALTIME, 0);
			soon.tv_nsec = (soon.tv_nsec + 30000) % 1000000000;
			if (*done % 4 == 0)
				(void)pthread_cond_timedwait(mine, &mutex,
							     &soon);
			else
				CHECK(pthread_cond_wait(mine, &mutex), 0);
			continue;
		}
		stored += step;
		++*done;
		CHECK(pthread_cond_signal(theirs), 0);
		if (*done == ITEMS) /* others of our side have to see it */
			CHECK(pthread_cond_broadcast(mine), 0);
	}
	unlock();
}

static void *produce(void *unused)
{
	move(&produced, CAPACITY, 1, &conds[0], &conds[1]);
	return unused;
}

static void *consume(void *unused)
{
	move(&consumed, 0, -1, &conds[1], &conds[0]);
	return unused;
}

TEST(buffer, "pthread_cond_timedwait",
     "a bounded buffer neither hangs nor loses, with timeouts all the time")
{
	struct thread threads[4];

	for (int i = 0; i < 4; i++)
		start(&threads[i], i % 2 ? produce : consume, NULL);
	join_all(threads, 4);
	CHECK(stored, 0);
}
