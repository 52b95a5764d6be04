/* SPDX-License-Identifier: MIT */
/* Words to the user from inside a program that may be in any state: no stdio,
 * no allocation. */
#ifndef SAY_H
#define SAY_H

/* One line on standard error: "synclab run: ..." */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, and the program ends with status 2. */
void die(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

#endif
