/* SPDX-License-Identifier: MIT */
/*
 * One timed window of one cell, in a process of its own.
 *
 *	ramp      all threads run, nothing counts, until the rate is flat
 *	measure   what is finished in here counts
 *	drain     the threads are told to leave, those that wait are let go
 *
 * Not thread-safe; blocks for about ramp + measure; forks, so the caller must
 * have no threads. The process executes anew, with a layout of its own
 * (layout.h).
 */
#ifndef WINDOW_H
#define WINDOW_H

#include "counters.h"
#include "histogram.h"
#include "order.h"
#include "scenarios.h"

enum window_mode {
	THROUGHPUT, /* no clock in the loop, but for a rare sample of lengths */
	LATENCY,    /* one operation in 16 is timed */
	ORDER,	    /* every acquisition is written down inside the section */
	OPEN,	    /* operations are due by a schedule, late or not (M10) */
	FIXED,	    /* a set number of operations per thread: as not to (M2) */
	UNSYNCED,   /* no ramp, threads start when they start: likewise (M1) */
	MODES,
};

struct window_plan {
	uint64_t ramp_ns, measure_ns;
	enum window_mode mode;
	uint64_t rate_per_s; /* OPEN: operations due, all threads together */
	uint64_t ops;	     /* FIXED, UNSYNCED: of each thread */
};

struct window_result {
	bool complete;	  /* the figures below are there */
	bool environment; /* the machine refused: stop the campaign */
	bool skipped;	  /* the cell makes no sense here */
	bool verified;
	char why[240];	/* why not complete, not verified or not valid */
	char note[200]; /* what the scenario has to say beside its figures */
	unsigned cpus;
	uint64_t window_ns, ramp_ns;
	double ramp_slope; /* see ramp.h; NAN: cannot be told */
	double overlap;	   /* share of the window that all threads were in */
	uint64_t ops;
	/* between threads: fairness, never to be pooled with noise (M12) */
	double jain, min_share, gini, thread_cv;
	uint64_t cpu_ns;
	uint64_t voluntary_switches, involuntary_switches;
	struct counter_figures counters;
	struct order_figures order;
	struct order_matrix handovers;
	/* the machine: shares of the CPU time of all its CPUs that the
	 * hypervisor and other processes took, the load before the window, how
	 * often the idle controller was preempted, the length of a step of
	 * section_work before the threads began and after they had left */
	double steal, foreign, load;
	uint64_t idle_involuntary;
	double step_ns_before, step_ns_after;
	/* layout, drawn anew for each process (M18) */
	double padding_bytes, offset_bytes;
	struct extra extras[EXTRAS_MAX]; /* ends with an empty name */
	uint64_t cs_ns_requested, ncs_ns_requested;
	/* latency: OPEN: from when an operation was due, and service from when
	 * it began */
	struct histogram latency, service, inside, outside;
};

/* Measure the machine once, before the first window: clock and work. */
void window_calibrate(void);

/* Runs it. c has scenario, implementation or variant, threads, values, seed;
 * the result must lie in memory from window_result_new. Every outcome is a
 * result. false if a signal has asked the campaign to stop. */
bool window_run(struct cell *c, const struct window_plan *plan,
		struct window_result *result);

/* Shared with the child processes; NULL if there is no memory. */
struct window_result *window_result_new(void);

/* What runs the windows; default: this program. Another build may do it, so
 * that two can be compared block by block, if its figures are the same. */
extern const char *window_executable;

/* Set by a signal handler: kill the window and return. */
extern volatile int window_interrupted;

/* How long a window may take beyond its plan before it counts as hung. */
extern uint64_t window_patience_ns;

#endif
