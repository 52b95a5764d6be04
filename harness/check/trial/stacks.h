/* SPDX-License-Identifier: MIT */
/*
 * Stacks of another process's threads, with functions that were inlined.
 *
 * Seen from outside (ptrace): a thread that hangs need not cooperate, and a
 * sanitizer that defers signals is no hindrance. Not thread-safe.
 */
#ifndef STACKS_H
#define STACKS_H

#include <stdio.h>
#include <sys/types.h>

/* Stops these threads of pid, which go on when the caller ends. */
struct stacks;
struct stacks *stacks_open(pid_t pid, const pid_t *tids, int n);

/* A line a frame, "    function  file:line"; down to where the harness began
 * the thread. */
void stacks_print(struct stacks *s, pid_t tid, FILE *out);

#endif
