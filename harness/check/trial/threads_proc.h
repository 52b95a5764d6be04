/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says of a process's threads: /proc/PID/task, proc(5).
 *
 * No allocation, nothing is kept between calls. A process may always look at
 * itself, and at its parent where ptrace(2) would be allowed.
 */
#ifndef THREADS_PROC_H
#define THREADS_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * One thread at one moment. If call >= 0 the thread was off its CPU, in this
 * system call (the kernel makes sure of it for /proc/PID/task/T/syscall); state
 * and switches are read after that.
 */
struct thread_look {
	pid_t tid;
	char state;	   /* R, S, D, ... as in ps(1) */
	uint64_t switches; /* how often it has left a CPU so far */
	long call;	   /* -1: it runs, or /proc does not tell */
	unsigned long arguments[6];
	unsigned long sp, pc;
};

/* The threads of pid; -1 if some came or went meanwhile, or there are more than
 * size. */
int threads_of(pid_t pid, pid_t *tids, int size);

/* False if the thread is gone. */
bool thread_look(pid_t pid, pid_t tid, struct thread_look *look);

/* Does it sleep until another thread does something, with no time limit? */
bool thread_sleeps_for_ever(pid_t pid, const struct thread_look *look);

/* The futex operation that it waits in (FUTEX_WAIT, ...); -1 if in none. */
int thread_futex(const struct thread_look *look);

#endif
