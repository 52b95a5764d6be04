/* SPDX-License-Identifier: MIT */
/*
 * What one worker records, and the clock's own cost.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include "histogram.h"
#include "scenarios.h"

struct pacer;

struct recorder {
	unsigned thread;
	struct pacer *pacer;	  /* NULL in modes that set no pace */
	struct histogram latency; /* of the operation, or of its acquisition */
	struct histogram service; /* open: the same from when it began */
	struct histogram inside;  /* realised critical sections */
	struct histogram outside; /* realised rest */
};

/* Samples count only while the window is measured. */
static inline bool recording(const struct turn *t)
{
	return t->seen == MEASURE;
}

/* A section_sample. */
void recorder_section(void *recorder, uint64_t enter, uint64_t inside,
		      uint64_t leave, uint64_t outside);

/* Sections of the window that their thread entered as the last holder. */
uint64_t recorder_self_handovers(const struct worker *w);

/* The length of now_ns and of a step of section_work, by window_calibrate. */
extern uint64_t clock_cost_ns;
extern double work_step_ns;

#endif
