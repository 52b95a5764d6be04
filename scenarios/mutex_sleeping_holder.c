/* SPDX-License-Identifier: MIT */
/*
 * The holder waits for I/O inside its section. Waiters that spin burn CPU time
 * for all of it, waiters that sleep burn none, and both get as much done.
 *
 * Source: the lockscale test of cosmopolitan; FlexGuard (SOSP 2025), figure 5c.
 *
 * The I/O is a read from a timer's descriptor: the thread sleeps until the
 * answer comes, as for a disk or a socket, but nobody else uses CPU time.
 */
#include "_roles.h"

#include <sys/timerfd.h>

struct device {
	struct roles roles;
	int fds[THREADS_MAX]; /* a timer for each thread */
};

static bool setup(struct cell *c)
{
	struct device *d;

	if (!roles_make(c, sizeof(*d)))
		return false;
	d = c->state;
	for (unsigned i = 0; i < c->threads; i++) {
		d->fds[i] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
		if (d->fds[i] < 0)
			return cell_refuse(c,
					   "timerfd_create: %s: raise "
					   "ulimit -n",
					   strerror(errno));
	}
	return true;
}

/* One answer, after so long. */
static bool ask(int fd, uint64_t ns)
{
	struct itimerspec when = { .it_value = deadline_timespec(ns) };
	uint64_t expired = 0;

	return timerfd_settime(fd, 0, &when, NULL) == 0 &&
	       read(fd, &expired, sizeof(expired)) == sizeof(expired) &&
	       expired == 1;
}

static void work(struct worker *w)
{
	struct device *d = w->cell->state;
	struct roles *r = &d->roles;
	uint64_t io_ns = cell_param(w->cell, "io_us") * NS_PER_US;
	uint64_t ncs_ns = cell_param(w->cell, "ncs_ns");

	roles_enter(w);
	while (worker_next(w)) {
		uint64_t start = worker_start(w);
		uint64_t before = roles_lock(r, w), inside;

		worker_end(w, start);
		inside = now_ns();
		w->violations += !ask(d->fds[w->index], io_ns);
		worker_record_section(w, now_ns() - inside);
		roles_unlock(r, w, before);
		worker_count(w, 1);
		work_ns(ncs_ns);
	}
	roles_leave(w);
}

static bool verify(struct cell *c)
{
	struct recorded io = cell_sections(c, 0, c->threads);

	cell_figure(c, "io_us_real", io.p50_ns / (double)NS_PER_US);
	cell_figure(c, "io_us_real_p99", io.p99_ns / (double)NS_PER_US);
	return roles_verify(c) &&
	       kit_no_violations(c, "the answer was not one expiry");
}

static void teardown(struct cell *c)
{
	struct device *d = c->state;

	for (unsigned i = 0; i < c->threads; i++)
		close(d->fds[i]);
}

SCENARIO(
	.name = "mutex_sleeping_holder",
	.kind = "mutex",
	.bound = BOUND_IO,
	.brief = "one section, in which the holder waits for I/O",
	.models = "a program that locks its log file while it writes it",
	.params = {
		{ "io_us", 1000, 1, 1000000, "until the answer" },
		{ "ncs_ns", 1000, 0, NS_PER_S, "work outside" },
	},
	.slow = true,
	.setup = setup,
	.work = work,
	.verify = verify,
	.teardown = teardown);
