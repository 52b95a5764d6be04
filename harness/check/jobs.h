/* SPDX-License-Identifier: MIT */
/*
 * Jobs: one detector on one implementation, each in a process of the build that
 * the detector runs in, several at a time.
 */
#ifndef JOBS_H
#define JOBS_H

#include "detector/detector.h"

struct job {
	const struct registration *subject;
	const struct detector *detector;
	struct finding finding; /* once it is done */
};

/* Runs all, width at a time; done(job) is called in the order of their ends. */
void jobs_run(struct job *jobs, size_t n, unsigned width,
	      const struct budget *b, void (*done)(const struct job *j));

/* The folder that has this build and its siblings in it: .../build. */
const char *build_folder(void);

/* The child's side: run the detector here and write the finding to stdout. */
int job_here(const struct registration *r, const struct detector *d,
	     const struct budget *b);

#endif
