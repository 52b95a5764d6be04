/* SPDX-License-Identifier: MIT */
/*
 * A violation, told: the diagram, the stacks, the trace for --replay.
 */
#ifndef REPORT_H
#define REPORT_H

#include "engine.h"
#include "violation.h"

/* The execution that has just ended is a violation: run it again along g with
 * the recording of stacks, minimise, write trace and report, and put the
 * violation into the page. In the scheduler. */
void report_violation(struct graph *g);

/* While tracing: the event was just added or replayed by `running`. */
void report_event(const struct event *e);
/* While tracing: a plain access by `running` (for the other side of a race). */
void report_access(uintptr_t a, size_t size, bool write, const void *pc);
/* While tracing: the block is about to be freed by `running`. */
void report_free(uintptr_t a, size_t size, const void *pc);

/* --replay=FILE: follow it and report again. False: it does not fit. */
bool report_replay(const char *file);

/* --show: one line for an execution: what each thread returned, and rf, co. */
void report_execution(const struct graph *g);

#endif
