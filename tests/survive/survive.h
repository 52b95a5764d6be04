/* SPDX-License-Identifier: MIT */
/*
 * What the programs of this folder share. Each does to the C library's locks
 * what real programs do and no textbook would, checks what has come of it, and
 * prints the line that stands behind "Prints:" in its head comment.
 */
#ifndef SURVIVE_H
#define SURVIVE_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Also from the child of a fork, and before stdio is ready. */
#define CHECK(condition)                                                       \
	do                                                                     \
		if (!(condition)) {                                            \
			dprintf(2, "%s:%d: not so: %s\n", __FILE__, __LINE__,  \
				#condition);                                   \
			_exit(1);                                              \
		}                                                              \
	while (0)

/* How often to do something that costs a hand-over: a spinlock that is handed
 * over first come first served needs a time slice for each where there are more
 * threads than processors. */
static inline int rounds(void)
{
	const char *text = getenv("SURVIVE_ROUNDS");

	return text ? atoi(text) : 1000;
}

static inline pthread_t start(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	CHECK(!pthread_create(&thread, NULL, run, argument));
	return thread;
}

static inline void *join(pthread_t thread)
{
	void *result;

	CHECK(!pthread_join(thread, &result));
	return result;
}

/* Does an implementation of the lab answer this kind? Some of what is tried is
 * undefined, and the C library hangs in it. */
static inline bool is_ours(const char *kind)
{
	const char *settings = getenv("SYNCLAB_PRELOAD");

	return settings && strstr(settings, kind) &&
	       !strstr(settings, "mutex=pthread");
}

/* The child has to end with status 0. */
static inline void await_child(pid_t child)
{
	int status;

	CHECK(child > 0);
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static inline void sleep_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
			      .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* A time that lies so many ms ahead. */
static inline struct timespec in_ms(clockid_t clock, long ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_nsec += ms % 1000 * 1000000;
	t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* Memory that the process has, in KiB. */
static inline long resident_kib(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	CHECK(f && fscanf(f, "%*d %ld", &pages) == 1);
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

#endif
