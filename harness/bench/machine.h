/* SPDX-License-Identifier: MIT */
/*
 * Whether the machine was ours during a window (M17): what the hypervisor and
 * other programs took of it, and how fast the CPU was.
 *
 * Busy is what /proc/stat does not call idle. The kernel takes the idle time by
 * its clock and tells it in ticks of 10 ms, whereas the time that it calls busy
 * is sampled by an interrupt. So on a busy machine nothing is rounded, and on
 * one that is partly idle a reading is off by less than a tick: 5 % of a window
 * of 100 ms on 2 CPUs. That much or less counts as none.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdint.h>

struct machine_reading {
	uint64_t ns;	       /* when */
	uint64_t idle_ns;      /* all CPUs, waiting for a disk included */
	uint64_t steal_ns;     /* taken by the hypervisor */
	uint64_t own_cpu_ns;   /* used by this process and those it started */
	uint64_t own_switches; /* of contexts, this process and its children */
};

struct machine_reading machine_read(void);

/* CPUs that are online, whether or not the process may use them. */
unsigned machine_cpus(void);

/* Shares of the CPU time of all CPUs between two readings. */
double machine_steal(const struct machine_reading *before,
		     const struct machine_reading *after, unsigned cpus);
double machine_foreign(const struct machine_reading *before,
		       const struct machine_reading *after, unsigned cpus);

/* The 1-minute load average. */
double machine_load(void);

/* ns per step of section_work, the least of a few tries of about 50 us. */
double machine_step_ns(void);

#endif
