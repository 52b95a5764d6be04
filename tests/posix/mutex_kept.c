/* SPDX-License-Identifier: MIT */
/*
 * Mutexes that an interposer may leave to libc: robust ones, those with a
 * protocol of priorities, and those that processes share. They must work beside
 * all others, with conditions too.
 */
#include <unistd.h>

#include "posix.h"

static void make(pthread_mutex_t *m, int type, int robust, int shared)
{
	pthread_mutexattr_t a;

	CHECK(pthread_mutexattr_init(&a), 0);
	CHECK(pthread_mutexattr_settype(&a, type), 0);
	CHECK(pthread_mutexattr_setrobust(&a, robust), 0);
	CHECK(pthread_mutexattr_setpshared(&a, shared), 0);
	CHECK(pthread_mutex_init(m, &a), 0);
	CHECK(pthread_mutexattr_destroy(&a), 0);
}

static void make_robust(pthread_mutex_t *m, int type)
{
	make(m, type, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_PRIVATE);
}

static void *lock_and_end(void *mutex)
{
	CHECK(pthread_mutex_lock(mutex), 0);
	return NULL;
}

static void *inherit_and_end(void *mutex)
{
	CHECK(pthread_mutex_lock(mutex), EOWNERDEAD);
	return NULL;
}

static void die_with(pthread_mutex_t *m)
{
	struct thread t;

	start(&t, lock_and_end, m);
	join(&t);
}

/* ------------------------------------------------------------------ robust */

static int timedlock(pthread_mutex_t *m)
{
	struct timespec until = never(CLOCK_REALTIME);

	return pthread_mutex_timedlock(m, &until);
}

static int clocklock(pthread_mutex_t *m)
{
	struct timespec until = never(CLOCK_MONOTONIC);

	return pthread_mutex_clocklock(m, CLOCK_MONOTONIC, &until);
}

static int (*const lockings[])(pthread_mutex_t *) = { pthread_mutex_lock,
						      timedlock, clocklock,
						      pthread_mutex_trylock };

TEST(owner_dead, "pthread_mutex_lock",
     "EOWNERDEAD: robust and its owner ended; the caller holds it")
{
	pthread_mutex_t m;

	for (int i = 0; i < 4; i++) {
		make_robust(&m, PTHREAD_MUTEX_ERRORCHECK);
		die_with(&m);
		CHECK(lockings[i](&m), EOWNERDEAD);
		CHECK(pthread_mutex_consistent(&m), 0);
		CHECK(pthread_mutex_unlock(&m), 0);
		CHECK(lockings[i](&m), 0);
		CHECK(pthread_mutex_unlock(&m), 0);
		CHECK(pthread_mutex_destroy(&m), 0);
	}
}

TEST(not_recoverable, "pthread_mutex_unlock",
     "inconsistent when unlocked: ENOTRECOVERABLE from then on; only destroy")
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 10);
	pthread_mutex_t m;
	int error;

	make_robust(&m, PTHREAD_MUTEX_NORMAL);
	die_with(&m);
	CHECK(pthread_mutex_lock(&m), EOWNERDEAD);
	CHECK(pthread_mutex_unlock(&m), 0);
	for (int i = 0; i < 4; i++)
		CHECK(lockings[i](&m), ENOTRECOVERABLE);
	error = pthread_mutex_timedlock(&m, &soon);
	TRUE(error == ENOTRECOVERABLE || error == ETIMEDOUT);
	if (error == ETIMEDOUT) /* nptl/pthread_mutex_trylock.c, 2.36 */
		note("libc's bug: a trylock that says ENOTRECOVERABLE leaves "
		     "the mutex locked");
	CHECK(pthread_mutex_destroy(&m), 0);
	make_robust(&m, PTHREAD_MUTEX_NORMAL);
	CHECK(pthread_mutex_lock(&m), 0);
}

TEST(dead_again, "pthread_mutex_consistent",
     "an owner that ends before it is consistent: EOWNERDEAD to the next")
{
	pthread_mutex_t m;
	struct thread t;

	make_robust(&m, PTHREAD_MUTEX_NORMAL);
	die_with(&m);
	start(&t, inherit_and_end, &m);
	join(&t);
	CHECK(pthread_mutex_lock(&m), EOWNERDEAD);
	CHECK(pthread_mutex_consistent(&m), 0);
	CHECK(pthread_mutex_unlock(&m), 0);
}

TEST(consistent_invalid, "pthread_mutex_consistent",
     "EINVAL: not robust, or does not protect an inconsistent state")
{
	pthread_mutex_t robust, plain = PTHREAD_MUTEX_INITIALIZER;

	make_robust(&robust, PTHREAD_MUTEX_NORMAL);
	CHECK(pthread_mutex_consistent(&robust), EINVAL);
	CHECK(pthread_mutex_lock(&robust), 0);
	CHECK(pthread_mutex_consistent(&robust), EINVAL);
	CHECK(pthread_mutex_lock(&plain), 0);
	CHECK(pthread_mutex_consistent(&plain), EINVAL);
}

static _Atomic int let_go;

static void *hold_until_let_go(void *mutex)
{
	CHECK(pthread_mutex_lock(mutex), 0);
	entering();
	await(&let_go, 1);
	return NULL;
}

static void *expect_owner_dead(void *mutex)
{
	int error;

	entering();
	error = pthread_mutex_lock(mutex);
	if (error == EOWNERDEAD)
		CHECK(pthread_mutex_consistent(mutex), 0);
	CHECK(pthread_mutex_unlock(mutex), 0);
	return error == EOWNERDEAD ? mutex : NULL;
}

TEST(owner_dies_while_others_wait, "pthread_mutex_lock",
     "EOWNERDEAD: the next owner is notified also if it was blocked")
{
	pthread_mutex_t m;
	struct thread owner, first, second;

	make_robust(&m, PTHREAD_MUTEX_NORMAL);
	start(&owner, hold_until_let_go, &m);
	AWAIT_BLOCKED(&owner);
	start(&first, expect_owner_dead, &m);
	start(&second, expect_owner_dead, &m);
	AWAIT_BLOCKED(&first);
	AWAIT_BLOCKED(&second);
	let_go = 1;
	join(&owner);
	/* one of them, not both */
	TRUE((join(&first) != NULL) + (join(&second) != NULL) == 1);
}

TEST(robust_relock, "pthread_mutex_lock",
     "robust: types keep their rules; unlock by others is EPERM for each")
{
	static const int types[] = { PTHREAD_MUTEX_NORMAL,
				     PTHREAD_MUTEX_ERRORCHECK,
				     PTHREAD_MUTEX_RECURSIVE };
	pthread_mutex_t m;

	for (int i = 0; i < 3; i++) {
		make_robust(&m, types[i]);
		CHECK(pthread_mutex_unlock(&m), EPERM);
		CHECK(pthread_mutex_lock(&m), 0);
		if (types[i] == PTHREAD_MUTEX_ERRORCHECK)
			CHECK(pthread_mutex_lock(&m), EDEADLK);
		if (types[i] == PTHREAD_MUTEX_RECURSIVE) {
			CHECK(pthread_mutex_lock(&m), 0);
			CHECK(pthread_mutex_unlock(&m), 0);
		}
		CHECK(pthread_mutex_unlock(&m), 0);
	}
}

/* ------------------------------------- conditions with such a mutex */

struct meeting {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int turn;
	_Atomic bool waits;
};

enum { TURNS = 200 };

static void play(struct meeting *m, int me)
{
	for (int i = 0; i < TURNS; i++) {
		struct timespec until = never(CLOCK_REALTIME);

		CHECK(pthread_mutex_lock(&m->mutex), 0);
		while (m->turn != me)
			CHECK(i % 2 ? pthread_cond_wait(&m->cond, &m->mutex)
				    : pthread_cond_timedwait(&m->cond,
							     &m->mutex, &until),
			      0);
		m->turn = !me;
		CHECK(pthread_cond_signal(&m->cond), 0);
		CHECK(pthread_mutex_unlock(&m->mutex), 0);
	}
}

static void *play_second(void *meeting)
{
	play(meeting, 1);
	return NULL;
}

/* Two threads take turns; a wait in between times out with the mutex held. */
static void meet(struct meeting *m)
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 5);
	struct thread t;

	start(&t, play_second, m);
	play(m, 0);
	join(&t);
	CHECK(pthread_mutex_lock(&m->mutex), 0);
	while (pthread_cond_timedwait(&m->cond, &m->mutex, &soon) != ETIMEDOUT)
		;
	CHECK(pthread_mutex_unlock(&m->mutex), 0);
	CHECK(pthread_cond_destroy(&m->cond), 0);
	CHECK(pthread_mutex_destroy(&m->mutex), 0);
}

static void make_cond(pthread_cond_t *cond, int shared)
{
	pthread_condattr_t a;

	CHECK(pthread_condattr_init(&a), 0);
	CHECK(pthread_condattr_setpshared(&a, shared), 0);
	CHECK(pthread_cond_init(cond, &a), 0);
	CHECK(pthread_condattr_destroy(&a), 0);
}

TEST(cond_with_robust, "pthread_cond_wait",
     "a condition that is not shared, with a robust mutex")
{
	struct meeting m = { .cond = PTHREAD_COND_INITIALIZER };

	make_robust(&m.mutex, PTHREAD_MUTEX_ERRORCHECK);
	meet(&m);
}

TEST(cond_with_shared_mutex, "pthread_cond_wait",
     "a condition that is not shared, with a process-shared mutex")
{
	struct meeting m = { .cond = PTHREAD_COND_INITIALIZER };

	make(&m.mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED,
	     PTHREAD_PROCESS_SHARED);
	meet(&m);
}

TEST(shared_cond_with_private, "pthread_cond_wait",
     "a process-shared condition with a mutex that is not")
{
	struct meeting m = { .mutex = PTHREAD_MUTEX_INITIALIZER };

	make_cond(&m.cond, PTHREAD_PROCESS_SHARED);
	meet(&m);
}

static void *wait_for_flag(void *meeting)
{
	struct meeting *m = meeting;
	int error = 0;

	CHECK(pthread_mutex_lock(&m->mutex), 0);
	entering();
	while (!m->turn && !error)
		error = pthread_cond_wait(&m->cond, &m->mutex);
	CHECK(error, EOWNERDEAD);
	CHECK(pthread_mutex_consistent(&m->mutex), 0);
	CHECK(pthread_mutex_unlock(&m->mutex), 0);
	return NULL;
}

static void *signal_and_end(void *meeting)
{
	struct meeting *m = meeting;

	CHECK(pthread_mutex_lock(&m->mutex), 0);
	m->turn = 1;
	CHECK(pthread_cond_signal(&m->cond), 0);
	return NULL;
}

TEST(cond_owner_dead, "pthread_cond_wait",
     "EOWNERDEAD: re-acquired from an owner that ended; the caller holds it")
{
	struct meeting m = { .cond = PTHREAD_COND_INITIALIZER };
	struct thread waiter, owner;

	make_robust(&m.mutex, PTHREAD_MUTEX_ERRORCHECK);
	start(&waiter, wait_for_flag, &m);
	AWAIT_BLOCKED(&waiter);
	start(&owner, signal_and_end, &m);
	join(&owner);
	join(&waiter);
}

/* -------------------------------------------------------------- priorities */

static void make_protocol(pthread_mutex_t *m, int type, int protocol)
{
	pthread_mutexattr_t a;
	int error;

	CHECK(pthread_mutexattr_init(&a), 0);
	CHECK(pthread_mutexattr_settype(&a, type), 0);
	error = pthread_mutexattr_setprotocol(&a, protocol);
	if (error == ENOTSUP)
		skip("the protocol is not supported");
	CHECK(error, 0);
	if (protocol == PTHREAD_PRIO_PROTECT)
		CHECK(pthread_mutexattr_setprioceiling(&a, 10), 0);
	error = pthread_mutex_init(m, &a);
	if (error == ENOTSUP)
		skip("no mutex with the protocol here");
	CHECK(error, 0);
}

static void *try_it(void *mutex)
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 5);

	CHECK(pthread_mutex_trylock(mutex), EBUSY);
	CHECK(pthread_mutex_timedlock(mutex, &soon), ETIMEDOUT);
	CHECK(pthread_mutex_unlock(mutex), EPERM);
	entering();
	CHECK(pthread_mutex_lock(mutex), 0);
	CHECK(pthread_mutex_unlock(mutex), 0);
	return NULL;
}

TEST(inherit, "pthread_mutexattr_setprotocol",
     "PTHREAD_PRIO_INHERIT: a mutex like others, with errors of its type")
{
	pthread_mutex_t m;
	struct thread t;

	make_protocol(&m, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_INHERIT);
	CHECK(pthread_mutex_lock(&m), 0);
	CHECK(pthread_mutex_lock(&m), EDEADLK);
	start(&t, try_it, &m);
	AWAIT_BLOCKED(&t);
	CHECK(pthread_mutex_unlock(&m), 0);
	join(&t);
	CHECK(pthread_mutex_destroy(&m), 0);
}

TEST(cond_with_inherit, "pthread_cond_wait",
     "a condition with a mutex that inherits priorities")
{
	struct meeting m = { .cond = PTHREAD_COND_INITIALIZER };

	make_protocol(&m.mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT);
	meet(&m);
}

static void real_time(int priority)
{
	struct sched_param p = { .sched_priority = priority };
	int error = pthread_setschedparam(pthread_self(), SCHED_FIFO, &p);

	if (error == EPERM)
		skip("real-time priorities are not allowed here");
	CHECK(error, 0);
}

TEST(ceiling, "pthread_mutex_lock",
     "PTHREAD_PRIO_PROTECT: EINVAL above the ceiling, else it is locked")
{
	pthread_mutex_t m;
	int old;

	make_protocol(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_PROTECT);
	real_time(5);
	CHECK(pthread_mutex_getprioceiling(&m, &old), 0);
	CHECK(old, 10);
	CHECK(pthread_mutex_lock(&m), 0);
	CHECK(pthread_mutex_trylock(&m), EBUSY);
	CHECK(pthread_mutex_unlock(&m), 0);
	CHECK(pthread_mutex_setprioceiling(&m, 12, &old), 0);
	CHECK(old, 10);
	real_time(15);
	CHECK(pthread_mutex_lock(&m), EINVAL);
	CHECK(pthread_mutex_trylock(&m), EINVAL);
}

TEST(ceiling_of_others, "pthread_mutex_getprioceiling",
     "EINVAL: the protocol is PTHREAD_PRIO_NONE")
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	int old;

	CHECK(pthread_mutex_getprioceiling(&m, &old), EINVAL);
	CHECK(pthread_mutex_setprioceiling(&m, 10, &old), EINVAL);
}

/* -------------------------------------------------------------- processes */

enum { PROCESSES = 3, ADDS = 2000 };

struct shared {
	pthread_mutex_t mutex;
	unsigned plain;
};

static void add(void *argument)
{
	struct shared *s = argument;

	for (int i = 0; i < ADDS; i++) {
		unsigned was;

		CHECK(pthread_mutex_lock(&s->mutex), 0);
		was = s->plain;
		if (i % 512 == 0) /* others come along */
			sched_yield();
		s->plain = was + 1;
		CHECK(pthread_mutex_unlock(&s->mutex), 0);
	}
}

TEST(shared, "pthread_mutexattr_setpshared",
     "PTHREAD_PROCESS_SHARED: any process that maps it may operate on it")
{
	static const int types[] = { PTHREAD_MUTEX_NORMAL,
				     PTHREAD_MUTEX_ERRORCHECK,
				     PTHREAD_MUTEX_RECURSIVE };

	for (int i = 0; i < 3; i++) {
		struct shared *s = shared_memory(sizeof(*s));
		pid_t children[PROCESSES];

		make(&s->mutex, types[i], PTHREAD_MUTEX_STALLED,
		     PTHREAD_PROCESS_SHARED);
		for (int p = 0; p < PROCESSES; p++)
			children[p] = start_process(add, s);
		for (int p = 0; p < PROCESSES; p++)
			join_process(children[p]);
		CHECK((int)s->plain, PROCESSES * ADDS);
		CHECK(pthread_mutex_destroy(&s->mutex), 0);
	}
}

static void lock_and_exit(void *mutex)
{
	CHECK(pthread_mutex_lock(mutex), 0);
	_exit(0);
}

TEST(owner_process_dead, "pthread_mutex_lock",
     "EOWNERDEAD: the process of the owner terminated holding it")
{
	pthread_mutex_t *m = shared_memory(sizeof(*m));

	make(m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST,
	     PTHREAD_PROCESS_SHARED);
	join_process(start_process(lock_and_exit, m));
	CHECK(pthread_mutex_lock(m), EOWNERDEAD);
	CHECK(pthread_mutex_consistent(m), 0);
	CHECK(pthread_mutex_unlock(m), 0);
}

static void play_in_child(void *meeting)
{
	play(meeting, 1);
}

TEST(cond_shared, "pthread_condattr_setpshared",
     "PTHREAD_PROCESS_SHARED: a condition and its mutex between processes")
{
	struct meeting *m = shared_memory(sizeof(*m));
	pid_t child;

	make(&m->mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED,
	     PTHREAD_PROCESS_SHARED);
	make_cond(&m->cond, PTHREAD_PROCESS_SHARED);
	child = start_process(play_in_child, m);
	play(m, 0);
	join_process(child);
	CHECK(pthread_cond_destroy(&m->cond), 0);
}
