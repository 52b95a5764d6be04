/* SPDX-License-Identifier: MIT */
/*
 * The runtime that perturbs schedules. What is where:
 *
 *	kit/tsan_abi.h	what compilers call under -fsanitize=thread
 *	hooks.c		the answers: a step, a look at freed memory, the access
 *	calls.c		the same for system and pthread calls, by their names
 *	threads.c	who is there, in the order of creation
 *	steps.c		(this file) the heart: trials and their steps
 *	random.c pct.c stall.c	the strategies
 *	targets.c places.c	where they act: steps, or places of the code
 *	where.c		which code is the implementation's, and its source lines
 *	memory.c	freed memory stays out of use
 *
 * A step is an access to memory, or one side of a call, in the code of an
 * implementation (an object of primitives/ or of the gallery). Its number
 * counts from the start of its thread. Steps of laws and of the harness are
 * none, and the hooks of other threads cost a test of one pointer.
 *
 * Strategies act at points: before each step, and once more after an atomic
 * one, so that a window between an atomic and what follows is held open. What a
 * thread does depends on the seed, its index and its own steps; clocks say only
 * how long it is held, never for ever: holding is bounded in each case
 * and, by its patience, in sum.
 *
 * Functions of libc are answered by definitions in the program, which come
 * before the library's. So wrappers that the linker puts in between (--wrap)
 * go on working, and are outside of this runtime.
 */
#include "runtime.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

const struct strategy *strategy;
struct perturbation perturbation;

/* So many reads in a row, and a thread is believed to go round in circles:
 * more than any straight way through a primitive has. */
enum { CIRCLES = 64 };

static void count(_Atomic uint32_t *n)
{
	/* one writer; relaxed: numbers that publish nothing */
	atomic_store_explicit(n,
			      atomic_load_explicit(n, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

void step_at(struct thread *t, const void *pc, enum point point)
{
	if (t->busy || !where_inside(pc))
		return;
	if (point != AFTER_ATOMIC) {
		count(&t->steps);
		if (point == BEFORE_WRITE || point >= BEFORE_CALL)
			step_moves(t);
		else
			t->reads++;
		if (t->reads < CIRCLES)
			count(&t->moves);
	}
	if (strategy) {
		t->busy = true;
		strategy->at(t, pc, point);
		t->busy = false;
	}
}

void step_circles(struct thread *t)
{
	t->reads = CIRCLES;
}

uint32_t weak_fails_in;

bool step_fails_weakly(struct thread *t, const void *pc)
{
	return !t->busy && where_inside(pc) &&
	       random_below(&t->random, weak_fails_in) == 0;
}

/* It only looks how many places there are. */
static void at(struct thread *t, const void *pc, enum point point)
{
	place_mark(t, pc, point);
}

const struct strategy strategy_none = { .at = at };

static const struct strategy *const strategies[PERTURB_STRATEGIES] = {
	[PERTURB_NONE] = &strategy_none,
	[PERTURB_RANDOM] = &strategy_random,
	[PERTURB_PCT] = &strategy_pct,
	[PERTURB_STALL] = &strategy_stall,
};

void perturb_prepare(void)
{
	where_prepare();
	threads_prepare();
	places_prepare();
}

void perturb_begin(const struct perturbation *p)
{
	perturbation = *p;
	strategy = strategies[p->strategy];
	perturb_prepare();
	/* threads inherit it: short sleeps are to be short */
	prctl(PR_SET_TIMERSLACK, 1UL);
	if (strategy->begin)
		strategy->begin(p);
	threads_begin();
	places_begin();
	memory_begin();
}

void perturb_describe(char *text, size_t size)
{
	size_t n;

	text[0] = '\0';
	if (!strategy || !strategy->describe)
		return;
	snprintf(text, size, "%s", perturb_names[perturbation.strategy]);
	n = strlen(text);
	strategy->describe(text + n, size - n);
	for (uint32_t i = 0; i < threads_known(); i++) {
		const struct thread *t = &threads[i];
		const struct act *last = &t->acts[(t->n_acts - 1) % MAX_ACTS];
		char where[120];

		if (!t->n_acts)
			continue;
		where_name(last->pc, where, sizeof(where));
		n = strlen(text);
		snprintf(text + n, size - n, "; thread %u at its step %u, %s",
			 t->index, last->step, where);
	}
}
