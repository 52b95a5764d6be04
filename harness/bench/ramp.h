/* SPDX-License-Identifier: MIT */
/*
 * The ramp: it ends when the rate has become flat (M22), not before the plan
 * says and not after four times as long.
 *
 * It is cut into slices; each thread marks how many operations it has done when
 * it sees one begin. Of a slice that has just begun not all marks are there, so
 * the slope is that of the slices before it.
 */
#ifndef RAMP_H
#define RAMP_H

#include "scenarios.h"

/* All threads, when a slice began. */
struct ramp_mark {
	uint64_t ns, ops;
};

/*
 * How much the rate has changed between the last two pairs of the n - 1 slices
 * between the marks, as a share of the first. NAN if that cannot be told: too
 * few slices beyond the first, in which threads start, or too few operations.
 */
double ramp_slope(const struct ramp_mark *marks, unsigned n);

/* Before the workers start: gives them their marks. */
void ramp_prepare(struct cell *c);

/* Sets the phases of the ramp; returns its slope. */
double ramp_run(const struct cell *c, uint64_t ramp_ns,
		_Atomic uint32_t *phase);

#endif
