/* SPDX-License-Identifier: MIT */
/*
 * One run of something that may fail, hang or crash, in a process of its own.
 *
 * What the child prints is kept and belongs to the outcome: sanitizers, the
 * watchdog and diagrams of histories simply write to stderr.
 * Not thread-safe: one trial at a time.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../primitives/sync.h"
#include "../../perturb/perturb.h"

/* How it is run. All-zero but limit_s is the plain way. */
struct settings {
	uint64_t seed;	    /* of all that is random in it */
	unsigned stressors; /* a set of enum stressor: stressors.h */
	struct perturbation perturbation;
	double effort;	  /* times the usual rounds; 0 counts as 1 */
	unsigned limit_s; /* a child that runs longer counts as hung */
};

enum verdict { PASSED, SKIPPED, FAILED, HUNG, CRASHED };

enum { OUTCOME_MESSAGE = 400, OUTCOME_REPORT = 64 * 1024 };

struct outcome {
	enum verdict verdict;
	char message[OUTCOME_MESSAGE]; /* one line; "" if passed */
	char report[OUTCOME_REPORT];   /* what the child printed */
	double elapsed_s;
};

/* Forks, prepares the settings, runs body(argument), waits. A body that
 * returns has passed. */
void trial_run(const struct settings *s, void (*body)(void *argument),
	       void *argument, struct outcome *out);

/* Since start, a now_ns(). */
static inline double elapsed_s(uint64_t start)
{
	return (double)(now_ns() - start) / (double)NS_PER_S;
}

/* The settings of the trial that this process is; NULL outside of one. */
const struct settings *trial_settings(void);

/* For bodies, in any thread: end the trial. What was printed is kept. */
_Noreturn void trial_end(enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
#define trial_fail(...) trial_end(FAILED, __VA_ARGS__)
#define trial_hung(...) trial_end(HUNG, __VA_ARGS__)

/* reason may be NULL. */
_Noreturn void trial_skip(const char *reason);

/* "passed", "skipped", "failed", "hung", "crashed" */
const char *verdict_name(enum verdict v);

/* "one CPU, signals; pct, seed 17": how to get the same again. */
void settings_describe(const struct settings *s, char *text, size_t size);

#endif
