/* SPDX-License-Identifier: MIT */
/*
 * What the tests share: threads that can be waited for until they block,
 * processes, times, and signals.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "posix.h"

enum { MS = 1000000, SECOND = 1000000000, RUNNABLE_MS = 50 };

_Atomic int handled;

static _Thread_local struct thread *self;
static void (*handle_then)(void);

void check(const char *file, int line, const char *call, int is, int expected)
{
	const char *name = strerrorname_np(is);

	if (is != expected)
		fail(file, line, "%s is %d (%s), expected %s", call, is,
		     name ? name : "no error number",
		     strerrorname_np(expected) ?: "something else");
}

static void finished(void *thread)
{
	((struct thread *)thread)->done = true;
}

static void *begin(void *thread)
{
	struct thread *t = thread;
	void *result;

	self = t;
	t->tid = gettid();
	pthread_cleanup_push(finished, t);
	result = t->body(t->argument);
	pthread_cleanup_pop(1);
	return result;
}

void start(struct thread *t, void *(*body)(void *), void *argument)
{
	int error;

	*t = (struct thread){ .body = body, .argument = argument };
	/* EAGAIN: short of something, which is not what we test */
	while ((error = pthread_create(&t->id, NULL, begin, t)) == EAGAIN)
		pause_ms(1);
	CHECK(error, 0);
}

void *join(struct thread *t)
{
	void *result;

	CHECK(pthread_join(t->id, &result), 0);
	return result;
}

void entering(void)
{
	self->entered = true;
}

/* The letter of /proc/PID/task/TID/stat, which follows the name in brackets. */
static char state_of(pid_t tid)
{
	char path[64], text[512];
	const char *bracket;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	bracket = strrchr(text, ')');
	return bracket ? bracket[2] : 0;
}

void await_asleep(const char *file, int line, struct thread *t)
{
	for (int ms = 0; ms < RUNNABLE_MS && state_of(t->tid) != 'S'; ms++)
		pause_ms(1);
	if (t->done)
		fail(file, line, "the thread does not block");
}

void await_blocked(const char *file, int line, struct thread *t)
{
	while (!t->entered && !t->done)
		pause_ms(1);
	t->entered = false;
	await_asleep(file, line, t);
}

void await(const _Atomic int *value, int least)
{
	for (int looks = 0; *value < least; looks++)
		looks < 100 ? (void)sched_yield() : pause_ms(1);
}

/* By syscall: the library's function is a cancellation point. */
void pause_ms(long ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * MS };

	while (syscall(SYS_nanosleep, &left, &left) && errno == EINTR)
		;
}

struct timespec in_ms(clockid_t clock, long ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * MS;
	if (t.tv_nsec >= SECOND) {
		t.tv_sec++;
		t.tv_nsec -= SECOND;
	} else if (t.tv_nsec < 0) {
		t.tv_sec--;
		t.tv_nsec += SECOND;
	}
	return t;
}

struct timespec never(clockid_t clock)
{
	return in_ms(clock, 3600 * 1000);
}

bool has_passed(clockid_t clock, const struct timespec *deadline)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec > deadline->tv_sec ||
	       (now.tv_sec == deadline->tv_sec &&
		now.tv_nsec >= deadline->tv_nsec);
}

void *shared_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	TRUE(memory != MAP_FAILED);
	return memory;
}

pid_t start_process(void (*body)(void *), void *argument)
{
	pid_t child = fork();

	TRUE(child >= 0);
	if (child == 0) {
		body(argument);
		_exit(0);
	}
	return child;
}

void join_process(pid_t child)
{
	int status;

	TRUE(waitpid(child, &status, 0) == child);
	if (status)
		fail(__FILE__, __LINE__, "a child ended with status %#x",
		     (unsigned)status);
}

static void handler(int signal)
{
	int saved = errno;

	(void)signal;
	if (handle_then)
		handle_then();
	handled++;
	errno = saved;
}

void handle_signals(int flags, void (*then)(void))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	handle_then = then;
	TRUE(sigaction(SIGUSR1, &action, NULL) == 0);
}

void interrupt(struct thread *t)
{
	int before = handled;

	CHECK(pthread_kill(t->id, SIGUSR1), 0);
	await(&handled, before + 1);
}
