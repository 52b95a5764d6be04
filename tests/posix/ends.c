/* SPDX-License-Identifier: MIT */
/*
 * The ends of threads and of processes: destructors and exit handlers use
 * objects like anybody else, and nobody waits for those who wait.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t sem;
static pthread_key_t keys[3];
static _Atomic int used;

/* Some of everything, with a wait that times out. */
static void use_all(void)
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 1);
	int error = 0;

	CHECK(pthread_mutex_lock(&recursive), 0);
	CHECK(pthread_mutex_lock(&recursive), 0);
	CHECK(pthread_mutex_lock(&mutex), 0);
	while (!error)
		error = pthread_cond_timedwait(&cond, &mutex, &soon);
	CHECK(error, ETIMEDOUT);
	CHECK(pthread_cond_signal(&cond), 0);
	CHECK(pthread_mutex_unlock(&mutex), 0);
	CHECK(pthread_mutex_unlock(&recursive), 0);
	CHECK(pthread_mutex_unlock(&recursive), 0);
	CHECK(pthread_rwlock_rdlock(&rwlock), 0);
	CHECK(pthread_rwlock_unlock(&rwlock), 0);
	CHECK(pthread_rwlock_wrlock(&rwlock), 0);
	CHECK(pthread_rwlock_unlock(&rwlock), 0);
	CHECK_ERRNO(sem_wait(&sem), 0);
	CHECK_ERRNO(sem_post(&sem), 0);
	used++;
}

/* The value counts the rounds that are left: set again, it is called again. */
static void destroy_value(void *value)
{
	char *left = value;

	use_all();
	for (int i = 0; i < 3 && left > (char *)1; i++)
		if (!pthread_getspecific(keys[i])) {
			CHECK(pthread_setspecific(keys[i], left - 1), 0);
			return;
		}
}

static void *set_values(void *early)
{
	/* the interposer's own thread data may be made before or after */
	if (early)
		use_all();
	for (int i = 0; i < 3; i++)
		CHECK(pthread_setspecific(keys[i], (void *)3), 0);
	return NULL;
}

TEST(thread_destructors, "pthread_key_create",
     "destructors run at the end of a thread, in any order, and may lock")
{
	struct thread threads[4];

	CHECK_ERRNO(sem_init(&sem, 0, 1), 0);
	for (int i = 0; i < 3; i++)
		CHECK(pthread_key_create(&keys[i], destroy_value), 0);
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 4; i++)
			start(&threads[i], set_values,
			      i % 2 ? &threads[i] : NULL);
		for (int i = 0; i < 4; i++)
			join(&threads[i]);
	}
	TRUE(used >= 5 * 4 * 3);
}

static void say_used(void)
{
	use_all();
	_exit(42);
}

/* _exit's status tells that the handler came to its end. */
static void exit_with_handler(void *unused)
{
	CHECK_ERRNO(sem_init(&sem, 0, 1), 0);
	use_all();
	TRUE(atexit(say_used) == 0);
	(void)unused;
	exit(1);
}

TEST(exit_handlers, "atexit", "handlers run at exit, and may lock")
{
	pid_t child = start_process(exit_with_handler, NULL);
	int status;

	TRUE(waitpid(child, &status, 0) == child);
	TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

static const struct call *const blocking[] = {
	&call_mutex_lock, &call_rwlock_wrlock, &call_cond_wait,
	&call_sem_wait,	  &call_barrier_wait,  &call_once,
	&call_spin_lock,
};

enum { BLOCKING = sizeof(blocking) / sizeof(*blocking) };

static void exit_while_blocked(void *unused)
{
	static struct caller callers[BLOCKING];

	for (int i = 0; i < BLOCKING; i++) {
		blocking[i]->hold();
		call_start(&callers[i], blocking[i], NULL);
		AWAIT_BLOCKED(&callers[i].thread);
	}
	(void)unused;
	exit(0);
}

TEST(exit_while_blocked, "exit",
     "the process ends, whoever holds or waits for whatever")
{
	join_process(start_process(exit_while_blocked, NULL));
}

static _Atomic int main_waits;

static void *exit_process(void *unused)
{
	await(&main_waits, 1);
	pause_ms(5);
	exit(0);
	return unused;
}

static void exit_elsewhere(void *unused)
{
	struct thread t;

	start(&t, exit_process, NULL);
	CHECK_ERRNO(sem_init(&sem, 0, 0), 0);
	main_waits = 1;
	(void)unused;
	for (;;)
		(void)sem_wait(&sem);
}

TEST(exit_by_another, "exit", "by another thread than the first, which waits")
{
	join_process(start_process(exit_elsewhere, NULL));
}

static void *outlive(void *unused)
{
	pause_ms(10);
	use_all();
	_exit(0);
	return unused;
}

static void end_first_thread(void *unused)
{
	static struct thread t;

	CHECK_ERRNO(sem_init(&sem, 0, 1), 0);
	use_all();
	start(&t, outlive, NULL);
	(void)unused;
	pthread_exit(NULL);
}

TEST(first_thread_ends, "pthread_exit",
     "the process goes on until its last thread ends")
{
	join_process(start_process(end_first_thread, NULL));
}
