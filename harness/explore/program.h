/* SPDX-License-Identifier: MIT */
/*
 * A C program, compiled and linked to be explored.
 *
 * The compiler instruments it as for ThreadSanitizer; the linker lets the
 * library of the explorer answer instead, and calls of libc that block or
 * synchronise too. One that the library does not answer is refused by its name:
 * on a fiber it would block everything.
 */
#ifndef EXPLORE_PROGRAM_H
#define EXPLORE_PROGRAM_H

/* Returns 0 and the executable's path, or EXIT_USAGE after a line on stderr. */
int program_build(char *const *files, int n, const char *cflags, char *path,
		  unsigned size);

#endif
