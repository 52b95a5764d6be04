/* SPDX-License-Identifier: MIT */
/*
 * Helper processes of a scenario: the far ends that threads talk to.
 *
 * They are processes so that neither their threads nor their CPU time are taken
 * for those of what is measured.
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

/* Kill and reap; *pid becomes 0. Does nothing if it is 0 or -1. */
void child_stop(pid_t *pid);

#endif
