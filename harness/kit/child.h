/* SPDX-License-Identifier: MIT */
/*
 * Helper processes: the far ends that a scenario's threads talk to, and what
 * may hang or crash.
 *
 * The former are processes so that neither their threads nor their CPU time are
 * taken for those of what is measured.
 *
 * Errors:       -1 with errno, as fork.
 * Thread-safe:  no; fork before there are threads, stop after they have ended.
 */
#ifndef KIT_CHILD_H
#define KIT_CHILD_H

#include <sys/types.h>

/* As fork. The child dies with the thread that called, and leaves Ctrl-C to
 * its parent. name is what ps shows, at most 15 bytes. */
pid_t child_fork(const char *name);

/* Give it so many milliseconds to end, then kill it and, in any case, what is
 * left of its process group; reap. Its status as of waitpid, or -1 if it had to
 * be killed. */
int child_wait(pid_t pid, int ms);

/* Kill and reap; *pid becomes 0. Does nothing if it is 0 or -1. */
void child_stop(pid_t *pid);

#endif
