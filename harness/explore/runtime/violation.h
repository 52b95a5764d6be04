/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with an execution: the first of them ends it.
 */
#ifndef VIOLATION_H
#define VIOLATION_H

#include <stdbool.h>

/* X(kind, as reports and results name it) */
#define VIOLATION_KINDS(X)                                                     \
	X(NO_VIOLATION, "")                                                    \
	/* assert, abort, a signal of the program's own */                     \
	X(ASSERTION, "assertion")                                              \
	X(DATA_RACE, "data race")                                              \
	/* all blocked, and nobody to wake them */                             \
	X(DEADLOCK, "deadlock")                                                \
	/* an await that no write can end, though others spin */               \
	X(LIVELOCK, "livelock")                                                \
	/* or beyond the end of a block */                                     \
	X(USE_AFTER_FREE, "use after free")                                    \
	/* twice, or what was never allocated */                               \
	X(BAD_FREE, "bad free")                                                \
	X(LEAK, "leak")                                                        \
	X(UNINITIALISED, "uninitialised read")                                 \
	/* unlock by another, destroy while held, ... */                       \
	X(LOCK_MISUSE, "lock misuse")                                          \
	X(NOT_LINEARIZABLE, "not linearizable")                                \
	/* SIGSEGV and its like */                                             \
	X(CRASH, "crash")                                                      \
	/* no verdict: what the runtime does not know */                       \
	X(UNSUPPORTED, "unsupported")

#define VIOLATION_KIND(kind, name) kind,
enum violation_kind { VIOLATION_KINDS(VIOLATION_KIND) VIOLATIONS };
#undef VIOLATION_KIND

#define VIOLATION_NAME(kind, name) [kind] = name,
#define VIOLATION_NAMES                                                        \
	{                                                                      \
		VIOLATION_KINDS(VIOLATION_NAME)                                \
	}

struct violation {
	enum violation_kind kind;
	char text[512];	 /* one line, no full stop */
	unsigned thread; /* who did it */
	const void *pc;	 /* where; NULL: nowhere special */
	/* the other side of a race, the allocation, ...: an earlier access of
	 * `other` after it had so many events; other_pc is found by the
	 * report's own run */
	unsigned other, other_time;
	bool has_other;
	unsigned long address; /* that a race is about; 0: none */
};

extern const char *const violation_names[VIOLATIONS]; /* "data race", ... */

/* On a fiber or in the scheduler: note it and end the execution. Returns only
 * in the scheduler. */
void violation_raise(enum violation_kind kind, const void *pc,
		     const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void violation_race(const struct violation *v);

/* Of the execution that is being run; kind NO_VIOLATION: none. */
extern struct violation violation;

#endif
