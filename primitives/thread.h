/* SPDX-License-Identifier: MIT */
/*
 * Thread: start a function, join it in time. Python's Thread.
 *
 * The object is the caller's, zeroed or from an earlier joined thread, and must
 * live until join has returned 0 or the process ends (a daemon's object: until
 * the process ends, unless it is joined). Threads are those of the C library
 * (thread-local data and cancellation depend on it); the families differ in how
 * the end of a thread is awaited.
 *
 * At normal process exit (return from main, exit) threads that are not daemons
 * are waited for before the exit handlers registered earlier run; daemons are
 * not waited for and end with the process.
 *
 * Memory order: what happens before start happens before the function; what the
 * function does happens before a join that returns 0, and before is_alive
 * returns false.
 */
#ifndef THREAD_H
#define THREAD_H

#include "register.h"

/* As the kernel has it: 15 bytes and the end; longer names are cut. */
enum { THREAD_NAME_BYTES = 16 };

struct thread_options {
	void (*function)(void *argument);
	void *argument;
	const char *name; /* copied; NULL: no name */
	bool daemon;
};

struct thread_impl {
	struct implementation id;
	/* 0, SYNC_NO_THREAD, SYNC_NO_MEMORY, SYNC_INVALID (no function). */
	int (*start)(void *thread, const struct thread_options *options);
	/* 0 when it has ended (again and again), SYNC_TIMEOUT; SYNC_INVALID if
	 * it was never started or is the caller itself. */
	int (*join)(void *thread, uint64_t deadline);
	bool (*is_alive)(void *thread);
	/* The name, "" if none; valid as long as the object. */
	const char *(*name)(void *thread);
};

#define REGISTER_THREAD(...)                                                   \
	static const struct thread_impl implementation = { __VA_ARGS__ };      \
	REGISTRATION("thread", NULL)

#endif
