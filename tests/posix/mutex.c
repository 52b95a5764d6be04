/* SPDX-License-Identifier: MIT */
/*
 * Mutexes of all types: the table of pthread_mutex_lock, initialisers, and what
 * follows unlock. Deadlines are in timed.c, robust, priority and shared mutexes
 * in mutex_kept.c. The limit of recursion (EAGAIN) is too far away to test.
 */
#include <string.h>

#include "posix.h"

static void make(pthread_mutex_t *m, int type)
{
	pthread_mutexattr_t attributes;

	CHECK(pthread_mutexattr_init(&attributes), 0);
	CHECK(pthread_mutexattr_settype(&attributes, type), 0);
	CHECK(pthread_mutex_init(m, &attributes), 0);
	CHECK(pthread_mutexattr_destroy(&attributes), 0);
}

/* What another thread sees. */
struct probe {
	int (*call)(pthread_mutex_t *);
	pthread_mutex_t *mutex;
	int error;
};

static void *run_probe(void *argument)
{
	struct probe *p = argument;

	p->error = p->call(p->mutex);
	return NULL;
}

static int elsewhere(int (*call)(pthread_mutex_t *), pthread_mutex_t *m)
{
	struct probe p = { call, m, -1 };
	struct thread t;

	start(&t, run_probe, &p);
	join(&t);
	return p.error;
}

static int try_and_unlock(pthread_mutex_t *m)
{
	int error = pthread_mutex_trylock(m);

	return error ? error : pthread_mutex_unlock(m);
}

static int lock_until_soon(pthread_mutex_t *m)
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 5);

	return pthread_mutex_timedlock(m, &soon);
}

static int clocklock_until_soon(pthread_mutex_t *m)
{
	struct timespec soon = in_ms(CLOCK_MONOTONIC, 5);

	return pthread_mutex_clocklock(m, CLOCK_MONOTONIC, &soon);
}

static void is_held(pthread_mutex_t *m)
{
	CHECK(elsewhere(try_and_unlock, m), EBUSY);
}

static void is_free(pthread_mutex_t *m)
{
	CHECK(elsewhere(try_and_unlock, m), 0);
}

/* -------------------------------------------------------------- each type */

/* What all types have in common, from the first lock to destroy. */
static void basics(pthread_mutex_t *m)
{
	is_free(m);
	CHECK(pthread_mutex_lock(m), 0);
	is_held(m);
	CHECK(elsewhere(lock_until_soon, m), ETIMEDOUT);
	CHECK(elsewhere(clocklock_until_soon, m), ETIMEDOUT);
	CHECK(pthread_mutex_unlock(m), 0);
	is_free(m);
	CHECK(pthread_mutex_trylock(m), 0);
	is_held(m);
	CHECK(pthread_mutex_unlock(m), 0);
	CHECK(lock_until_soon(m), 0);
	is_held(m);
	CHECK(pthread_mutex_unlock(m), 0);
	CHECK(clocklock_until_soon(m), 0);
	is_held(m);
	CHECK(pthread_mutex_unlock(m), 0);
	is_free(m);
}

#define BASICS(name, type)                                                     \
	TEST(basics_##name, "pthread_mutex_lock",                              \
	     "locked with the caller as its owner, until unlock; " #name)      \
	{                                                                      \
		pthread_mutex_t m;                                             \
                                                                               \
		make(&m, type);                                                \
		basics(&m);                                                    \
		CHECK(pthread_mutex_destroy(&m), 0);                           \
	}
BASICS(normal, PTHREAD_MUTEX_NORMAL)
BASICS(errorcheck, PTHREAD_MUTEX_ERRORCHECK)
BASICS(recursive, PTHREAD_MUTEX_RECURSIVE)
BASICS(default, PTHREAD_MUTEX_DEFAULT)
BASICS(adaptive, PTHREAD_MUTEX_ADAPTIVE_NP)

static int relock(pthread_mutex_t *m)
{
	CHECK(pthread_mutex_lock(m), 0);
	return pthread_mutex_lock(m);
}

static void *relock_for_ever(void *mutex)
{
	CHECK(pthread_mutex_lock(mutex), 0);
	entering();
	CHECK(pthread_mutex_lock(mutex), 0);
	return NULL;
}

TEST(normal_relock, "pthread_mutex_lock",
     "a normal mutex locked again by its owner deadlocks")
{
	pthread_mutex_t m;
	struct thread t;

	make(&m, PTHREAD_MUTEX_NORMAL);
	start(&t, relock_for_ever, &m);
	AWAIT_BLOCKED(&t);
	pause_ms(20);
	TRUE(!t.done);
}

TEST(normal_trylock_of_owner, "pthread_mutex_trylock",
     "EBUSY if it is locked by any thread, including the current thread")
{
	pthread_mutex_t m;

	make(&m, PTHREAD_MUTEX_NORMAL);
	CHECK(pthread_mutex_lock(&m), 0);
	CHECK(pthread_mutex_trylock(&m), EBUSY);
	CHECK(pthread_mutex_unlock(&m), 0);
	is_free(&m);
}

TEST(normal_timedlock_of_owner, "pthread_mutex_timedlock",
     "a deadlock of the owner ends with the timeout")
{
	pthread_mutex_t m;

	make(&m, PTHREAD_MUTEX_NORMAL);
	CHECK(pthread_mutex_lock(&m), 0);
	CHECK(lock_until_soon(&m), ETIMEDOUT);
	CHECK(clocklock_until_soon(&m), ETIMEDOUT);
	CHECK(pthread_mutex_unlock(&m), 0);
	is_free(&m);
}

TEST(errorcheck_relock, "pthread_mutex_lock",
     "EDEADLK: errorcheck and the current thread already owns the mutex")
{
	pthread_mutex_t m;

	make(&m, PTHREAD_MUTEX_ERRORCHECK);
	CHECK(relock(&m), EDEADLK);
	is_held(&m);
	CHECK(pthread_mutex_unlock(&m), 0);
	is_free(&m);
}

TEST(errorcheck_timedlock_of_owner, "pthread_mutex_timedlock",
     "EDEADLK: errorcheck and the current thread already owns the mutex")
{
	pthread_mutex_t m;

	make(&m, PTHREAD_MUTEX_ERRORCHECK);
	CHECK(pthread_mutex_lock(&m), 0);
	CHECK(lock_until_soon(&m), EDEADLK);
	CHECK(clocklock_until_soon(&m), EDEADLK);
	CHECK(pthread_mutex_unlock(&m), 0);
	is_free(&m);
}

TEST(errorcheck_trylock_of_owner, "pthread_mutex_trylock",
     "EBUSY: only a recursive mutex is locked again")
{
	pthread_mutex_t m;

	make(&m, PTHREAD_MUTEX_ERRORCHECK);
	CHECK(pthread_mutex_lock(&m), 0);
	CHECK(pthread_mutex_trylock(&m), EBUSY);
	CHECK(pthread_mutex_unlock(&m), 0);
	is_free(&m);
}

static void unlock_by_others(pthread_mutex_t *m)
{
	CHECK(pthread_mutex_unlock(m), EPERM);
	CHECK(pthread_mutex_lock(m), 0);
	CHECK(elsewhere(pthread_mutex_unlock, m), EPERM);
	is_held(m);
	CHECK(pthread_mutex_unlock(m), 0);
	CHECK(pthread_mutex_unlock(m), EPERM);
	is_free(m);
}

TEST(errorcheck_unlock, "pthread_mutex_unlock",
     "EPERM: errorcheck and the current thread does not own the mutex")
{
	pthread_mutex_t m;

	make(&m, PTHREAD_MUTEX_ERRORCHECK);
	unlock_by_others(&m);
}

TEST(recursive_unlock, "pthread_mutex_unlock",
     "EPERM: recursive and the current thread does not own the mutex")
{
	pthread_mutex_t m;

	make(&m, PTHREAD_MUTEX_RECURSIVE);
	unlock_by_others(&m);
}

TEST(recursive_count, "pthread_mutex_lock",
     "a recursive mutex is available to others when its count is zero")
{
	enum { DEPTH = 1000 };
	pthread_mutex_t m;

	make(&m, PTHREAD_MUTEX_RECURSIVE);
	for (int i = 0; i < DEPTH; i++)
		CHECK(pthread_mutex_lock(&m), 0);
	for (int i = 0; i < DEPTH; i++) {
		if (i % 200 == 0)
			is_held(&m);
		CHECK(pthread_mutex_unlock(&m), 0);
	}
	is_free(&m);
	CHECK(pthread_mutex_unlock(&m), EPERM);
}

TEST(recursive_trylock_of_owner, "pthread_mutex_trylock",
     "the owner of a recursive mutex succeeds and counts")
{
	pthread_mutex_t m;

	make(&m, PTHREAD_MUTEX_RECURSIVE);
	CHECK(pthread_mutex_trylock(&m), 0);
	CHECK(pthread_mutex_trylock(&m), 0);
	CHECK(pthread_mutex_unlock(&m), 0);
	is_held(&m);
	CHECK(pthread_mutex_unlock(&m), 0);
	is_free(&m);
}

TEST(recursive_timedlock_of_owner, "pthread_mutex_timedlock",
     "the owner of a recursive mutex succeeds and counts")
{
	pthread_mutex_t m;

	make(&m, PTHREAD_MUTEX_RECURSIVE);
	CHECK(pthread_mutex_lock(&m), 0);
	CHECK(lock_until_soon(&m), 0);
	CHECK(clocklock_until_soon(&m), 0);
	CHECK(pthread_mutex_unlock(&m), 0);
	CHECK(pthread_mutex_unlock(&m), 0);
	is_held(&m);
	CHECK(pthread_mutex_unlock(&m), 0);
	is_free(&m);
}

TEST(default_type, "pthread_mutexattr_gettype",
     "the default type is PTHREAD_MUTEX_DEFAULT; 9999 is EINVAL")
{
	pthread_mutexattr_t attributes;
	int type;

	CHECK(pthread_mutexattr_init(&attributes), 0);
	CHECK(pthread_mutexattr_gettype(&attributes, &type), 0);
	CHECK(type, PTHREAD_MUTEX_DEFAULT);
	CHECK(pthread_mutexattr_settype(&attributes, 9999), EINVAL);
}

/* ---------------------------------------------------------- initialisation */

TEST(static_initialiser, "pthread_mutex_init",
     "PTHREAD_MUTEX_INITIALIZER is as init with default attributes")
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

	basics(&m);
	CHECK(pthread_mutex_destroy(&m), 0);
}

TEST(static_recursive, "libc",
     "PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP makes a recursive one")
{
	static pthread_mutex_t m = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

	basics(&m);
	CHECK(relock(&m), 0);
	CHECK(pthread_mutex_unlock(&m), 0);
	CHECK(pthread_mutex_unlock(&m), 0);
	unlock_by_others(&m);
}

TEST(static_errorcheck, "libc",
     "PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP makes an errorcheck one")
{
	static pthread_mutex_t m = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;

	basics(&m);
	CHECK(relock(&m), EDEADLK);
	CHECK(pthread_mutex_unlock(&m), 0);
	unlock_by_others(&m);
}

TEST(static_adaptive, "libc",
     "PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP makes an adaptive one")
{
	static pthread_mutex_t m = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;

	basics(&m);
}

TEST(attributes_are_read_once, "pthread_mutexattr_init",
     "a change or the end of attributes does not affect initialised mutexes")
{
	pthread_mutexattr_t attributes;
	pthread_mutex_t m;

	CHECK(pthread_mutexattr_init(&attributes), 0);
	CHECK(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE),
	      0);
	CHECK(pthread_mutex_init(&m, &attributes), 0);
	CHECK(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK),
	      0);
	CHECK(pthread_mutexattr_destroy(&attributes), 0);
	CHECK(relock(&m), 0);
}

TEST(any_memory, "pthread_mutex_init",
     "initialises whatever was in the memory before, to unlocked")
{
	pthread_mutex_t m;

	for (int byte = 0; byte < 256; byte += 51) {
		memset(&m, byte, sizeof(m));
		CHECK(pthread_mutex_init(&m, NULL), 0);
		basics(&m);
		CHECK(pthread_mutex_destroy(&m), 0);
	}
}

TEST(again_after_destroy, "pthread_mutex_destroy",
     "a destroyed mutex can be initialised again, as another type")
{
	static const int types[] = { PTHREAD_MUTEX_NORMAL,
				     PTHREAD_MUTEX_RECURSIVE,
				     PTHREAD_MUTEX_ERRORCHECK,
				     PTHREAD_MUTEX_ADAPTIVE_NP };
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

	for (int i = 0; i < 8; i++) {
		CHECK(pthread_mutex_destroy(&m), 0);
		make(&m, types[i % 4]);
		basics(&m);
	}
	CHECK(pthread_mutex_destroy(&m), 0);
	CHECK(pthread_mutex_init(&m, NULL), 0);
	basics(&m);
}

TEST(destroy_unused, "pthread_mutex_destroy",
     "it is safe to destroy an initialised mutex that is unlocked")
{
	pthread_mutex_t never_locked = PTHREAD_MUTEX_INITIALIZER;

	CHECK(pthread_mutex_destroy(&never_locked), 0);
}

TEST(destroy_locked, "pthread_mutex_destroy",
     "rationale: EBUSY is recommended for a locked one; undefined")
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	int error;

	CHECK(pthread_mutex_lock(&m), 0);
	error = pthread_mutex_destroy(&m);
	TRUE(error == 0 || error == EBUSY);
	if (error == 0) {
		note("destroys a locked mutex, where glibc says EBUSY");
		return;
	}
	CHECK(pthread_mutex_unlock(&m), 0);
	CHECK(pthread_mutex_destroy(&m), 0);
}

/* --------------------------------------------------------- among threads */

enum { THREADS = 4, ADDS = 5000 };

struct sum {
	pthread_mutex_t mutex;
	unsigned plain; /* a race without the mutex */
};

static void *add(void *argument)
{
	struct sum *s = argument;

	for (int i = 0; i < ADDS; i++) {
		unsigned was;

		while (i % 3 == 0 && pthread_mutex_trylock(&s->mutex))
			sched_yield();
		if (i % 3 == 1)
			CHECK(pthread_mutex_lock(&s->mutex), 0);
		if (i % 3 == 2) {
			struct timespec until = never(CLOCK_REALTIME);

			CHECK(pthread_mutex_timedlock(&s->mutex, &until), 0);
		}
		was = s->plain;
		if (i % 512 == 0) /* others come along */
			sched_yield();
		s->plain = was + 1;
		CHECK(pthread_mutex_unlock(&s->mutex), 0);
	}
	return NULL;
}

static void excludes(int type)
{
	struct thread threads[THREADS];
	struct sum s = { .plain = 0 };

	make(&s.mutex, type);
	for (int i = 0; i < THREADS; i++)
		start(&threads[i], add, &s);
	for (int i = 0; i < THREADS; i++)
		join(&threads[i]);
	CHECK((int)s.plain, THREADS * ADDS);
}

#define EXCLUDES(name, type)                                                   \
	TEST(excludes_##name, "XBD 4.15.2",                                    \
	     "one thread at a time, and memory is synchronised; " #name)       \
	{                                                                      \
		excludes(type);                                                \
	}
EXCLUDES(normal, PTHREAD_MUTEX_NORMAL)
EXCLUDES(errorcheck, PTHREAD_MUTEX_ERRORCHECK)
EXCLUDES(recursive, PTHREAD_MUTEX_RECURSIVE)
EXCLUDES(default, PTHREAD_MUTEX_DEFAULT)
EXCLUDES(adaptive, PTHREAD_MUTEX_ADAPTIVE_NP)

static void *lock_once(void *argument)
{
	pthread_mutex_t *m = argument;

	entering();
	CHECK(pthread_mutex_lock(m), 0);
	CHECK(pthread_mutex_unlock(m), 0);
	return NULL;
}

TEST(all_blocked_get_it, "pthread_mutex_unlock",
     "when it becomes available a blocked thread acquires it; in the end all")
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	struct thread threads[THREADS];

	CHECK(pthread_mutex_lock(&m), 0);
	for (int i = 0; i < THREADS; i++)
		start(&threads[i], lock_once, &m);
	for (int i = 0; i < THREADS; i++)
		AWAIT_BLOCKED(&threads[i]);
	CHECK(pthread_mutex_unlock(&m), 0);
	for (int i = 0; i < THREADS; i++)
		join(&threads[i]);
	CHECK(pthread_mutex_destroy(&m), 0);
}

TEST(many_held_at_once, "pthread_mutex_lock",
     "a thread may hold any number, and unlock them in any order")
{
	enum { MANY = 300 };
	static pthread_mutex_t mutexes[MANY];

	for (int i = 0; i < MANY; i++) /* zeros: PTHREAD_MUTEX_INITIALIZER */
		CHECK(pthread_mutex_lock(&mutexes[i]), 0);
	for (int i = 0; i < MANY; i += 97)
		is_held(&mutexes[i]);
	for (int i = 0; i < MANY; i++) /* 7 and MANY have no common factor */
		CHECK(pthread_mutex_unlock(&mutexes[i * 7 % MANY]), 0);
	for (int i = 0; i < MANY; i += 97)
		is_free(&mutexes[i]);
}

TEST(thread_ends_holding, "pthread_exit",
     "the end of a thread releases no mutex that it holds")
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

	CHECK(elsewhere(pthread_mutex_lock, &m), 0);
	CHECK(pthread_mutex_trylock(&m), EBUSY);
	CHECK(lock_until_soon(&m), ETIMEDOUT);
}

TEST(unlocked_elsewhere, "libc",
     "undefined, but works: another thread unlocks a normal mutex, also when "
     "the one that locked it has ended")
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

	for (int i = 0; i < 10; i++) {
		CHECK(elsewhere(pthread_mutex_lock, &m), 0);
		is_held(&m);
		CHECK(pthread_mutex_unlock(&m), 0);
		is_free(&m);
		CHECK(pthread_mutex_lock(&m), 0);
		CHECK(elsewhere(pthread_mutex_unlock, &m), 0);
		is_free(&m);
	}
}

/* -------------------------------------------------------------------- fork */

static pthread_mutex_t forked = PTHREAD_MUTEX_INITIALIZER;

static void lock_forked(void)
{
	CHECK(pthread_mutex_lock(&forked), 0);
}

static void unlock_forked(void)
{
	CHECK(pthread_mutex_unlock(&forked), 0);
}

static void use_forked(void *unused)
{
	basics(&forked);
	(void)unused;
}

static _Atomic bool stop;

static void *use_until_stop(void *unused)
{
	while (!stop) {
		lock_forked();
		unlock_forked();
	}
	return unused;
}

TEST(atfork, "pthread_atfork",
     "locked before fork, a mutex is unlocked in parent and child alike")
{
	struct thread t;

	CHECK(pthread_atfork(lock_forked, unlock_forked, unlock_forked), 0);
	start(&t, use_until_stop, NULL);
	for (int i = 0; i < 20; i++)
		join_process(start_process(use_forked, NULL));
	stop = true;
	join(&t);
}

static void unlock_in_child(void *mutex)
{
	int error;

	CHECK(pthread_mutex_trylock(mutex), EBUSY);
	error = pthread_mutex_unlock(mutex);
	/* glibc's owner is a thread id, which the child has not */
	TRUE(error == 0 || error == EPERM);
	if (error)
		note("the child's copy of the owner is not the owner");
	else
		CHECK(pthread_mutex_lock(mutex), 0);
}

TEST(errorcheck_fork, "fork",
     "the child has the states of mutexes, and its thread replicates the "
     "caller")
{
	pthread_mutex_t m;

	make(&m, PTHREAD_MUTEX_ERRORCHECK);
	CHECK(pthread_mutex_lock(&m), 0);
	join_process(start_process(unlock_in_child, &m));
	CHECK(pthread_mutex_unlock(&m), 0);
	is_free(&m);
}
