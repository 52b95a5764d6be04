/* SPDX-License-Identifier: MIT */
/*
 * A loop that Google Benchmark runs, in threads of its own, for scenarios that
 * check the lab against it. Implemented in harness/bench/gbench_loop.cc.
 *
 * Not thread-safe: one loop at a time in a process.
 */
#ifndef SCENARIOS_GBENCH_H
#define SCENARIOS_GBENCH_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gbench_loop {
	unsigned threads;
	uint64_t iterations; /* of each thread */
	void (*turn)(void *context, unsigned thread);
	void *context;
};

struct gbench_times {
	/* What it reports as Time, UseRealTime. From 1.9.0 on that is an
	 * iteration of one thread; before, it is divided by the number of
	 * threads (#1833, #1836). */
	double reported_ns;
	/* One iteration of one thread by our clock, from the first turn of
	 * thread 0 until all have ended. */
	double wall_ns;
};

struct gbench_times gbench_time(const struct gbench_loop *loop);

/* Is this a version that divides? Its library does not tell its number, so two
 * threads that sleep have to. */
bool gbench_divides(void);

#ifdef __cplusplus
}
#endif

#endif
