/* SPDX-License-Identifier: MIT */
/*
 * The program as a child that one does not notice: signals that are sent to the
 * command arrive there, and its end is the command's.
 *
 * Thread-safe:  no; there is one program.
 */
#ifndef RUN_PARENT_H
#define RUN_PARENT_H

/* Run it until it has ended: its status as of waitpid; -1 with errno. */
int parent_run(char **program);

/* End as it has ended: the exit status, unless a signal was it. */
int parent_end(int status);

#endif
