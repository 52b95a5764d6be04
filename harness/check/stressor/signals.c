/* SPDX-License-Identifier: MIT */
/*
 * Signals to random threads of the trial: whatever blocks returns EINTR, and a
 * handler runs between any two instructions.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "../../../primitives/sync.h"
#include "../trial/stillness.h"
#include "../trial/threads_proc.h"
#include "../trial/watchdog.h"
#include "chance.h"
#include "faults.h"

/* The first that neither the C library nor a sanitizer uses. */
#define SIGNAL (SIGRTMIN + 3)

struct crowd {
	int n; /* -1: some came or went when we looked */
	pid_t tids[SIGHT_THREADS];
};

/* Those that were there before: the watchdog, hogs, a sanitizer's own. */
static struct crowd machinery;

/*
 * As many, about 1 ms apart, and then no more: each is a second chance for
 * whoever was lost, and disturbs the watchdog's look for stillness.
 */
enum { SIGNALS = 200, SIGNALS_A_LOOK = 8 };

static void handle(int signal)
{
	(void)signal;
}

static void look_round(struct crowd *c)
{
	c->n = threads_of(getpid(), c->tids, SIGHT_THREADS);
}

static bool contains(const struct crowd *c, pid_t tid)
{
	for (int i = 0; i < c->n; i++)
		if (c->tids[i] == tid)
			return true;
	return false;
}

static void send(const struct crowd *c, pid_t process)
{
	pid_t tid = c->n > 0 ? c->tids[chance((uint64_t)c->n)] : 0;

	/* one that has ended meanwhile, and its id is perhaps another's: only
	 * threads of this process are hit */
	if (tid && tid != gettid() && !contains(&machinery, tid))
		tgkill(process, tid, SIGNAL);
}

static void *signaller(void *unused)
{
	static struct crowd crowd;
	pid_t process = getpid();

	watchdog_exempt();
	for (int i = 0; i < SIGNALS; i++) {
		uint64_t ns = 50 * NS_PER_US + chance(1950 * NS_PER_US);
		struct timespec t = deadline_timespec(ns);

		if (i % SIGNALS_A_LOOK == 0)
			look_round(&crowd);
		send(&crowd, process);
		nanosleep(&t, NULL);
	}
	/* it stays: a law may count the threads of its process */
	for (;;)
		pause();
	return unused;
}

void signals_begin(void)
{
	struct sigaction a = { .sa_handler = handle };
	pid_t self = gettid();

	sigaction(SIGNAL, &a, NULL);
	/* nobody comes or goes before the trial's threads start, or but for a
	 * moment */
	do
		look_round(&machinery);
	while (machinery.n < 0);
	for (int i = 0; i < machinery.n; i++)
		if (machinery.tids[i] == self)
			machinery.tids[i] = 0;
	if (machinery_create(signaller, NULL))
		abort();
}
