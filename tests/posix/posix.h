/* SPDX-License-Identifier: MIT */
/*
 * Tests of what POSIX.1-2024 requires of the calls that the interposer answers.
 * Nothing of the lab is linked in: they run on plain libc and, unchanged, under
 * `synclab run`. A file adds tests by
 *
 *	TEST(relock, "pthread_mutex_lock", "EDEADLK to the owner, ...")
 *	{
 *		CHECK(pthread_mutex_lock(&m), 0);
 *		CHECK(pthread_mutex_lock(&m), EDEADLK);
 *	}
 *
 * which names the page and says the sentence in short. Each runs in a process
 * of its own (main.c), so that it may leave objects locked and threads blocked.
 * What starts with "libc:" is left open by the text and settled by glibc, on
 * which programs rely.
 *
 * No test depends on speed. Pauses only make a race likely; `await` has no
 * limit but the runner's, which ends a test that hangs.
 */
#ifndef POSIX_H
#define POSIX_H

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct test {
	const char *file;
	int number; /* grows with the lines of the file */
	const char *name, *page, *sentence;
	void (*run)(void);
};

#define TEST(name_, page_, sentence_)                                          \
	static void test_##name_(void);                                        \
	static const struct test about_##name_ = { FILE_STEM, __COUNTER__,     \
						   #name_,    page_,           \
						   sentence_, test_##name_ };  \
	__attribute__((section("posix_tests"), used,                           \
		       retain)) static const struct test *const at_##name_ =   \
		&about_##name_;                                                \
	static void test_##name_(void)

/* Ends the test, from any thread and any process of it. */
_Noreturn void fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Ends the test as skipped, from its first thread. */
_Noreturn void skip(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* The test goes on; the first is printed with its result. For what the text
 * allows and glibc does otherwise, and for "libc's bug: ...", where glibc does
 * less than the text wants: the test accepts that, who replaces libc should
 * not. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What is true here. */
#define TRUE(expression)                                                       \
	((expression) ? (void)0                                                \
		      : fail(__FILE__, __LINE__, "not true: %s", #expression))

/* A call that returns 0 or an error number. */
#define CHECK(call, expected) check(__FILE__, __LINE__, #call, call, expected)
void check(const char *file, int line, const char *call, int is, int expected);

/* A call that returns 0, or -1 and errno. */
#define CHECK_ERRNO(call, expected)                                            \
	check(__FILE__, __LINE__, #call, (call) == 0 ? 0 : errno, expected)

/* A thread of a test. */
struct thread {
	pthread_t id;
	void *(*body)(void *);
	void *argument;
	_Atomic pid_t tid;
	_Atomic bool entered; /* said that it is about to block */
	_Atomic bool done;    /* body has returned or was cancelled */
};

/* The struct is the caller's until join. */
void start(struct thread *t, void *(*body)(void *), void *argument);

/* What body returned, or PTHREAD_CANCELED. */
void *join(struct thread *t);

/* In a thread: the next call is the one that blocks. */
void entering(void);

/* Until t is blocked in what follows its entering(), as far as can be told: it
 * sleeps in the kernel, or 50 ms have passed, for a waiter that spins never
 * sleeps. Fails if it has not blocked but come to its end. */
#define AWAIT_BLOCKED(t) await_blocked(__FILE__, __LINE__, t)
void await_blocked(const char *file, int line, struct thread *t);

/* The same without entering(): blocked again, or still. */
#define AWAIT_ASLEEP(t) await_asleep(__FILE__, __LINE__, t)
void await_asleep(const char *file, int line, struct thread *t);

/* Until *value is at least `least`. */
void await(const _Atomic int *value, int least);

/* Not a cancellation point, and signals do not cut it short. */
void pause_ms(long ms);

/* Absolute times: so many milliseconds from now. */
struct timespec in_ms(clockid_t clock, long ms);

/* Far in the future, longer than any test lasts. */
struct timespec never(clockid_t clock);

bool has_passed(clockid_t clock, const struct timespec *deadline);

/* Zeroed memory that child processes share. */
void *shared_memory(size_t bytes);

/* A child process that runs body(argument); join_process fails if the child
 * failed. */
pid_t start_process(void (*body)(void *), void *argument);
void join_process(pid_t child);

/* Handlers for SIGUSR1: counts into `handled`, then calls `then` if not NULL.
 * flags are sigaction's. */
extern _Atomic int handled;
void handle_signals(int flags, void (*then)(void));

/* Sends SIGUSR1 and waits until the handler has run. */
void interrupt(struct thread *t);

#endif
