/* SPDX-License-Identifier: MIT */
/*
 * Is there a moment at which every thread sleeps and nobody is left to wake
 * one? What watchdog.h promises, for the watchdog itself.
 *
 * Two looks decide it. In each, a thread is first seen off its CPU in an
 * untimed wait, then its count of switches is read. If the first look's counts
 * were all read before the second look began, and none differs, then every
 * thread slept without a break from the one look to the other: having run it
 * would have had to leave its CPU again, which counts. A thread that was born
 * in between had to be made by one that ran.
 */
#ifndef STILLNESS_H
#define STILLNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { SIGHT_THREADS = 256 };

/* What a look saw; compared, never trusted alone. */
struct sight {
	int n;
	struct seen {
		pid_t tid;
		bool polls;
		uint64_t switches;     /* of a sleeper */
		unsigned long word;    /* that it waits for */
		uint32_t bouts, turns; /* of a poller */
	} threads[SIGHT_THREADS];
};

/* False if a thread that counts (but the caller) is not asleep for good. */
bool sight_take(struct sight *s);

/* Has nobody moved in between? Pollers may go round. */
bool sight_same(const struct sight *before, const struct sight *after);

/* Does everybody wait for the same as before, whatever interrupted it? */
bool sight_alike(const struct sight *before, const struct sight *after);

/* And has every poller asked at least once since, to no avail? */
bool sight_asked(const struct sight *before, const struct sight *after);

/* All threads that exist now, but the main one, are machinery. */
void exempt_present(void);

bool thread_is_exempt(pid_t tid);
bool thread_polls(pid_t tid);

#endif
