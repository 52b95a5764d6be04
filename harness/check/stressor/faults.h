/* SPDX-License-Identifier: MIT */
/*
 * The parts that stressors.c puts together: company for the threads of a trial,
 * and faults below the primitives. Each begins before the trial's threads
 * start and stays until its process ends; chance_seed comes first.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* ---- company: hogs.c, signals.c ---- */

/* Busy until the deadline, then asleep for ever. */
void hogs_begin(uint64_t until);

/* Other threads that are there already are machinery and get no signal. */
void signals_begin(void);

/* ---- faults: futex.c, cond.c, thread.c ---- */

struct futex_faults {
	bool spurious, late_wake, sleepy;
};

void futex_faults_begin(const struct futex_faults *wanted);
void cond_faults_begin(void);
void sleepy_starts_begin(void);

/* A thread of the harness: no fault befalls its creation. */
int machinery_create(void *(*run)(void *argument), void *argument);

/* ---- scarce.c ---- */

struct scarce {
	_Atomic unsigned fails_at; /* 0: none does, and none is counted */
	_Atomic unsigned calls;
};

unsigned scarce_arm(struct scarce *s, unsigned n);

/* Counts a call; true if it is the one that has to fail. */
bool scarce_refuses(struct scarce *s);

#endif
