/* SPDX-License-Identifier: MIT */
/*
 * Jobs: see jobs.h.
 *
 * A new one is made when there is room for it, and at most every PAUSE_NS: a
 * fork and the copying of pages after it cost about a millisecond. The first
 * process is the subreaper of all, so a job that is done exits at once even if
 * it has made others that are not.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../primitives/sync.h"
#include "fiber.h"
#include "jobs.h"
#include "options.h"
#include "start.h"

enum { PAUSE_NS = 2000000, CALLS_A_LOOK = 256 };

struct tally tally;

static pid_t first; /* the process that waits for all */
static bool is_first;
static unsigned calls;
static uint64_t last_fork;

static void add(_Atomic uint64_t *to, uint64_t n)
{
	if (n)
		atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

void jobs_tally(void)
{
	uint64_t deepest =
		atomic_load_explicit(&page->deepest, memory_order_relaxed);

	add(&page->complete, tally.complete);
	add(&page->blocked, tally.blocked);
	add(&page->dropped, tally.dropped);
	add(&page->duplicates, tally.duplicates);
	add(&page->violations, tally.violations);
	add(&page->events, tally.events);
	add(&page->once, tally.once); /* may be negative: it wraps round */
	while (deepest < tally.deepest &&
	       !atomic_compare_exchange_weak_explicit(
		       &page->deepest, &deepest, tally.deepest,
		       memory_order_relaxed, memory_order_relaxed))
		;
	tally = (struct tally){ 0 };
}

void jobs_start(void)
{
	first = getpid();
	is_first = true;
	atomic_store_explicit(&page->jobs_running, 1, memory_order_relaxed);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	last_fork = now_ns();
}

static bool take_place(void)
{
	uint32_t n =
		atomic_load_explicit(&page->jobs_running, memory_order_relaxed);

	while (n < page->jobs)
		if (atomic_compare_exchange_weak_explicit(
			    &page->jobs_running, &n, n + 1,
			    memory_order_relaxed, memory_order_relaxed))
			return true;
	return false;
}

static void leave_place(void)
{
	atomic_fetch_sub_explicit(&page->jobs_running, 1, memory_order_relaxed);
}

/* What a job that was killed had still to do is not known: no verdict. */
static void reap(int status)
{
	if (!WIFSIGNALED(status))
		return;
	leave_place();
	snprintf(page->unsupported, sizeof(page->unsupported),
		 "a job was killed by signal %d", WTERMSIG(status));
	atomic_store_explicit(&page->stop, 1, memory_order_relaxed);
}

enum job jobs_split(void)
{
	int status;
	pid_t child;

	if (page->jobs <= 1 || ++calls % CALLS_A_LOOK)
		return JOB_ALONE;
	if (!is_first && kill(first, 0))
		_exit(0); /* it was killed: so is the search */
	if (now_ns() - last_fork < PAUSE_NS || !take_place())
		return JOB_ALONE;
	jobs_tally();
	fiber_home();
	start_flush();
	while (waitpid(-1, &status, WNOHANG) > 0)
		reap(status);
	child = fork();
	last_fork = now_ns();
	if (child == 0) {
		is_first = false;
		return JOB_CHILD;
	}
	if (child > 0)
		return JOB_PARENT;
	leave_place();
	return JOB_ALONE;
}

void jobs_finish(void)
{
	int status;
	pid_t child;

	jobs_tally();
	leave_place();
	start_flush();
	if (!is_first)
		_exit(0);
	while ((child = waitpid(-1, &status, 0)) > 0 || errno == EINTR)
		if (child > 0)
			reap(status);
}
