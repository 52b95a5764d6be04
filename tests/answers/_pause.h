/* SPDX-License-Identifier: MIT */
/*
 * Time that passes for certain: never less than asked for, on any machine.
 */
#ifndef PAUSE_H
#define PAUSE_H

#include "../../primitives/sync.h"

/* Asleep: costs time, but no CPU time. */
static inline void pause_asleep(uint64_t ns)
{
	struct timespec t = deadline_timespec(deadline_in(ns));

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
		;
}

static inline uint64_t thread_cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Awake, until the thread has used so much CPU time: the same on a machine
 * that others use, although it then takes longer. */
static inline void pause_burning(uint64_t ns)
{
	uint64_t end = thread_cpu_ns() + ns;

	while (thread_cpu_ns() < end)
		;
}

#endif
