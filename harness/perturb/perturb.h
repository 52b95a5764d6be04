/* SPDX-License-Identifier: MIT */
/*
 * The runtime behind -fsanitize=thread objects that perturbs the schedule of
 * real threads (build/perturb), and what a trial asks of it.
 *
 * The compiler has put a call before every access to memory and in the place
 * of every atomic; this runtime answers the calls, and in between delays,
 * yields, or holds a thread back. It also keeps freed memory out of use for a
 * while and ends the process when an access touches it. Seeded: the decisions
 * of a thread depend on the seed and on its own accesses, not on the clock.
 *
 * In other builds the functions are not there: each is NULL, so ask
 * perturb_available() first.
 */
#ifndef PERTURB_H
#define PERTURB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum perturb_strategy {
	/* Answer the calls, count steps and mark places, nothing else. */
	PERTURB_NONE,
	/* Yields and delays of random length before random accesses, more
	 * often in the implementation under test than elsewhere. */
	PERTURB_RANDOM,
	/*
	 * Threads have random priorities, which change at a few random steps;
	 * of those that can run the one with the highest runs. Source:
	 * S. Burckhardt et al., "A randomized scheduler with probabilistic
	 * guarantees of finding bugs", ASPLOS 2010.
	 */
	PERTURB_PCT,
	/*
	 * A thread is stopped right after one of its steps in the
	 * implementation, until the others have finished, block or go round in
	 * circles: at a few steps, or where it comes by a few places.
	 */
	PERTURB_STALL,
	PERTURB_STRATEGIES,
};

enum { PERTURB_SIZES = 32, PERTURB_PLACES = 2048 };

/* How many steps threads make, as far as is known: thread i less than
 * 2^bits[i]; and at which places of the code. All 0 if nothing is known. Rough,
 * so that a run can be repeated. */
struct perturb_size {
	uint8_t bits[PERTURB_SIZES];
	uint64_t places[PERTURB_PLACES / 64]; /* of the code: a set of hashes */
};

struct perturbation {
	enum perturb_strategy strategy;
	uint64_t seed;
	struct perturb_size size; /* so steps are drawn that exist */
};

/* "none", "random", "pct", "stall" */
extern const char *const perturb_names[PERTURB_STRATEGIES];

/* Once, in the process that forks trials: what can be done once for all of
 * them, and memory in which they leave their sizes. */
void perturb_prepare(void) __attribute__((weak));

/* In the trial's process, before its threads start. */
void perturb_begin(const struct perturbation *p) __attribute__((weak));

/* In the process that forks trials: the size of the last one. */
void perturb_measure(struct perturb_size *size) __attribute__((weak));

/* The calling thread is machinery (a watchdog): leave it alone. */
void perturb_exempt(void) __attribute__((weak));

/* Is the thread with this kernel id held by the runtime just now? It sleeps
 * then, but not because it waits for others. */
bool perturb_holds(int tid) __attribute__((weak));

/* One line about what was done, such as "thread 2 stopped after its step 17,
 * primitives/mutex/futex.c:88"; "" if nothing. */
void perturb_describe(char *text, size_t size) __attribute__((weak));

static inline bool perturb_available(void)
{
	return perturb_begin != NULL;
}

#endif
