/* SPDX-License-Identifier: MIT */
/*
 * What makes a trial harder than a plain run, without any wrong in it: each is
 * something that the system or the caller may do at any time.
 */
#ifndef STRESSORS_H
#define STRESSORS_H

#include <stddef.h>
#include <stdint.h>

enum stressor {
	/* All threads of the trial share one CPU. */
	STRESS_ONE_CPU = 1 << 0,
	/* Busy threads beside them, twice as many as there are CPUs, for the
	 * first fifth of a second. */
	STRESS_HOGS = 1 << 1,
	/* Random threads run a signal handler, without SA_RESTART: blocking
	 * calls return EINTR. A few hundred times. */
	STRESS_SIGNALS = 1 << 2,
	/* Counters of new objects begin shortly before they wrap round, where
	 * the implementation has the hook `age` (register.h). */
	STRESS_AGED = 1 << 3,
	/* futex_wait returns now and then EINTR, EAGAIN or 0, at once or after
	 * a moment, though nobody woke it. */
	STRESS_FUTEX = 1 << 4,
	/* A futex_wake comes late: at the deadline of a sleeper if one is near,
	 * else after a short random delay. */
	STRESS_LATE_WAKE = 1 << 5,
	/* pthread_cond_wait and its timed forms return 0 without a signal. */
	STRESS_SPURIOUS = 1 << 6,
	/* A thread goes to sleep for a moment after a futex call, and right
	 * after it has started. */
	STRESS_SLEEPY = 1 << 7,
	STRESS_ALL = (1 << 8) - 1,
};

/* In the trial's process, before its threads start and after the watchdog has;
 * for as long as it lives. */
void stressors_begin(unsigned set, uint64_t seed);

/* "one CPU, signals"; "" for none */
void stressors_describe(unsigned set, char *text, size_t size);

/*
 * For laws about scarce resources: from now on the n-th allocation (n = 1: the
 * next one) or pthread_create by the lab's own objects, and none after it,
 * fails with ENOMEM or EAGAIN. 0: none fails. Returns how many calls there have
 * been since an n other than 0 was given, the one that failed included: 0 if
 * that was not so.
 */
unsigned fail_allocation(unsigned n);
unsigned fail_thread(unsigned n);

#endif
