/* SPDX-License-Identifier: MIT */
/*
 * What `synclab check` says: a line a job, then a verdict of one screen for an
 * implementation, or a table's rows.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "jobs.h"

/* "ok    mutex/futex laws: 18 laws, 18 runs (1.2 s)" and why not, if not; if
 * whole, also a line for each law that was skipped. */
void verdict_line(const struct job *j, bool whole);

/* All jobs of one implementation: the screen. verdict_line comes first: it
 * keeps the reports that the screen names. */
void verdict_screen(const struct job *jobs, size_t n);

/* CSV, documented in docs/detectors.md. */
void verdict_csv_head(void);
void verdict_csv(const struct job *j);

/* Was something caught? */
bool job_caught(const struct job *j);

#endif
