/* SPDX-License-Identifier: MIT */
/*
 * One of the CPUs that a thread may use.
 */
#ifndef KIT_CPU_H
#define KIT_CPU_H

/* How many CPUs the calling thread may use; at least 1. */
unsigned cpu_count(void);

/* The calling thread, and threads that it starts from now on, run on the n-th
 * of them, modulo their number. Does nothing where the system refuses. */
void cpu_pin(unsigned n);

#endif
