/* SPDX-License-Identifier: MIT */
/*
 * What the kernel and the CPU count during a window.
 *
 * Calls of futex(2): those of our own objects are always counted (see
 * futex_calls.h), so a row of the pthread family has none to show: its calls
 * are glibc's. The kernel can count all calls (tracepoint sys_enter_futex),
 * but that makes a futex call 50 % longer (65 of 130 ns) and every other call
 * of the whole machine 10 %: only windows that are not timed ask for it.
 *
 * Hardware: perf_event_open(2), events by the names that libpfm4 gives them.
 *
 * Not thread-safe: for the thread that drives the window.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HARDWARE_COUNTERS = 3 }; /* cycles, instructions, cache misses */

struct counter_figures {
	bool futex_known;
	uint64_t futex_waits, futex_wakes; /* system calls */
	bool hardware_known[HARDWARE_COUNTERS];
	uint64_t hardware[HARDWARE_COUNTERS];
};

/* One event: its count, and for how much of the time it was counted, as the
 * kernel takes turns when the CPU has fewer counters than are asked for. */
struct counter_value {
	uint64_t count, enabled_ns, running_ns; /* as read(2) returns them */
};

/* All that has been counted up to one moment. */
struct counter_reading {
	uint64_t futex[2]; /* waits, wakes */
	struct counter_value hardware[HARDWARE_COUNTERS];
};

/*
 * Count for this process and the threads that it will start: call it before
 * the first. own: all futex calls of interest are those of our own objects.
 * trace: let the kernel count all of them, where it can.
 */
void counters_open(bool own, bool trace);
void counters_now(struct counter_reading *now);

/* What was counted from one moment to another. */
void counters_between(const struct counter_reading *from,
		      const struct counter_reading *to,
		      struct counter_figures *out);

/* The same for one event; false if it was never counted in between. */
bool counter_between(const struct counter_value *from,
		     const struct counter_value *to, uint64_t *out);

/* A file descriptor for the event that libpfm4 knows by this name, or -1 and
 * one line in why. */
int counter_open(const char *event, char *why, size_t size);

/* One line: what this machine cannot count and why; NULL if nothing. Valid
 * until the next call. */
const char *counters_missing(void);

#endif
