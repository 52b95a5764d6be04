/* SPDX-License-Identifier: MIT */
/*
 * Which implementation answers each kind of the program's objects, as named by
 * the options of `synclab run`.
 */
#ifndef RUN_CHOICE_H
#define RUN_CHOICE_H

#include <stdbool.h>
#include <stdio.h>

/* In the order of the options. */
enum choice_kind {
	CHOICE_MUTEX,
	CHOICE_COND,
	CHOICE_RWLOCK,
	CHOICE_SEMAPHORE,
	CHOICE_BARRIER,
	CHOICE_SPIN,
	CHOICE_ONCE,
	CHOICES
};

struct choice {
	const char *family;	    /* --family, or NULL */
	const char *named[CHOICES]; /* --mutex and the like, or NULL */
	const char *names[CHOICES]; /* settled: the implementation, or NULL */
};

/* The option's name: "mutex", ..., "sem", ... */
const char *choice_option(enum choice_kind kind);

/* Fill in names from family and named. 0; or EXIT_USAGE, said why. */
int choice_settle(struct choice *c);

/* Is there any kind to answer? */
bool choice_any(const struct choice *c);

/* As words of the interposer's variable, each with a blank after it. */
void choice_print(FILE *f, const struct choice *c);

#endif
