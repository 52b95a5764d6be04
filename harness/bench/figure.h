/* SPDX-License-Identifier: MIT */
/*
 * The figures of a window: one list, from which the columns of raw.csv, the
 * medians of a summary, comparisons and expectations all take them by name.
 * A figure that a window does not have is NAN, and an empty field.
 *
 * Thread-safe: constants and pure functions.
 */
#ifndef FIGURE_H
#define FIGURE_H

#include "window.h"

enum figure {
	WINDOW_S,
	RAMP_S,
	RAMP_SLOPE,
	OVERLAP,
	OPS,
	OPS_PER_S,
	SAMPLES,
	P50,
	P90,
	P99,
	P999,
	P9999,
	MAX,
	SERVICE_P50,
	SERVICE_P99,
	JAIN,
	MIN_SHARE,
	GINI,
	THREAD_CV,
	CPU_PER_OP,
	VCSW,
	IVCSW,
	FUTEX_WAITS,
	FUTEX_WAKES,
	SELF_HANDOVER,
	ORDER_SAMPLES,
	LONGEST_BYPASS,
	LWSS,
	REACQUIRE,
	DICE,
	CROSS_CPU,
	CS_REQUESTED,
	CS_REAL,
	CS_REAL_P99,
	NCS_REQUESTED,
	NCS_REAL,
	NCS_REAL_P99,
	CYCLES,
	INSTRUCTIONS,
	CACHE_MISSES,
	STEAL,
	FOREIGN,
	LOAD,
	IDLE_IVCSW,
	STEP_BEFORE,
	STEP_AFTER,
	PADDING,
	OFFSET,
	FIGURES,
};

/* The column's name, with its unit. */
const char *figure_name(enum figure f);

/* FIGURES if there is no such name. */
enum figure figure_by_name(const char *name);

/* Of a complete window; latency: does this kind of window have latencies? */
void figures_of(const struct window_result *r, bool latency,
		double out[FIGURES]);

#endif
