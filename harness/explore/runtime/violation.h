/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with an execution: the first of them ends it.
 */
#ifndef VIOLATION_H
#define VIOLATION_H

#include <stdbool.h>

enum violation_kind {
	NO_VIOLATION,
	ASSERTION, /* assert, abort, a signal of the program's own */
	DATA_RACE,
	DEADLOCK,	/* all blocked, and nobody to wake them */
	LIVELOCK,	/* an await that no write can end, though others spin */
	USE_AFTER_FREE, /* or beyond the end of a block */
	BAD_FREE,	/* twice, or what was never allocated */
	LEAK,
	UNINITIALISED,
	LOCK_MISUSE, /* unlock by another, destroy while held, ... */
	NOT_LINEARIZABLE,
	CRASH,	     /* SIGSEGV and its like */
	UNSUPPORTED, /* no verdict: what the runtime does not know */
	VIOLATIONS
};

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
