/* SPDX-License-Identifier: MIT */
/*
 * Signals to one waiter: a wait with a deadline has to end by it, however often
 * it is interrupted.
 *
 * No time is measured: what counts is how often a signal, handled by the waiter
 * itself, finds that its deadline has passed and that it waits nevertheless. A
 * wait that goes by its deadline is found so once or twice.
 */
#include <signal.h>

#include "law.h"

/* Not the one of the stressor; at most one is pending. */
#define SIGNAL SIGUSR2

enum { LATE_ENOUGH = 100 };

static uint64_t due;
static _Atomic unsigned late;

static void handle(int signal)
{
	(void)signal;
	if (now_ns() >= due)
		atomic_fetch_add(&late, 1);
}

static bool ends_in_time(struct law_waiter *w, const _Atomic bool *done)
{
	if (atomic_load(done))
		return true;
	CHECK(atomic_load(&late) < LATE_ENOUGH);
	pthread_kill(w->thread, SIGNAL);
	return false;
}

void law_interrupt(struct law_waiter *w, uint64_t deadline,
		   const _Atomic bool *done)
{
	struct sigaction a = { .sa_handler = handle };

	due = deadline;
	atomic_store(&late, 0);
	sigaction(SIGNAL, &a, NULL);
	EVENTUALLY(atomic_load(&w->tid) != 0);
	EVENTUALLY(ends_in_time(w, done));
}
