/* SPDX-License-Identifier: MIT */
#ifndef RUN_TARGET_H
#define RUN_TARGET_H

/* As env(1) ends. */
enum { EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127 };

/* Will the loader put the library into this program, which is looked for as
 * execvp does? 0: yes; EXIT_USAGE: no; EXIT_CANNOT_RUN, EXIT_NOT_FOUND: it
 * cannot be started at all. Said why. */
int target_check(const char *program, const char *library);

/* Become it; or the exit status, said why. */
int target_become(char **program);

#endif
