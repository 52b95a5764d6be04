/* SPDX-License-Identifier: MIT */
/*
 * The parent's part: one process a window, with a time limit, so that a hang or
 * a crash becomes a result. It executes anew rather than going on as a fork, so
 * that the kernel draws its address space anew. The child's part is in
 * window_child.c.
 */
#include "window.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "exchange.h"
#include "layout.h"
#include "recorder.h"

volatile int window_interrupted;

/* Far beyond any drain, so that only a hang reaches it. */
uint64_t window_patience_ns = 20 * NS_PER_S;

const char *window_executable = "/proc/self/exe";

struct window_result *window_result_new(void)
{
	struct exchange *x = exchange_new();

	return x ? &x->result : NULL;
}

static void why(struct window_result *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void why(struct window_result *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->why, sizeof(r->why), format, args);
	va_end(args);
}

/* What became of the child, in words. */
static void explain(struct window_result *r, int status)
{
	if (WIFSIGNALED(status))
		why(r, "crash: signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == 66)
		why(r, "ThreadSanitizer reported a fault (exit status 66)");
	else
		why(r, "crash: exit status %d", WEXITSTATUS(status));
	r->complete = false;
}

/* The program that was to run the window is none, or of another layout. */
static void refuse(const struct exchange *x, struct window_result *r,
		   int status)
{
	r->environment = true;
	r->complete = false;
	if (x->taken)
		why(r,
		    "%s has other figures than this program (%llu bytes, "
		    "not %llu): build both from sources with the same results",
		    window_executable, (unsigned long long)x->taken,
		    (unsigned long long)x->size);
	else
		why(r,
		    "%s took no window and ended with %s %d: is it a synclab "
		    "that runs here?",
		    window_executable,
		    WIFSIGNALED(status) ? "signal" : "status",
		    WIFSIGNALED(status) ? WTERMSIG(status)
					: WEXITSTATUS(status));
}

/* Wait for the child until the deadline; false if it is still there. */
static bool reap(int pidfd, pid_t pid, uint64_t deadline, int *status)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	while (!window_interrupted) {
		uint64_t now = now_ns();

		if (now >= deadline)
			return false;

		int ms = (int)((deadline - now) / NS_PER_MS) + 1;

		if (poll(&p, 1, ms < 100 ? ms : 100) == 1)
			return waitpid(pid, status, 0) == pid;
	}
	return false;
}

/* The environment plus a variable of so many bytes. To be freed. */
static char **padded_environment(size_t bytes)
{
	static const char name[] = "SYNCLAB_PADDING=";
	static char padding[sizeof(name) + PAGE_BYTES];
	size_t n = 0;
	char **all;

	while (environ[n])
		n++;
	all = calloc(n + 2, sizeof(*all));
	if (!all)
		abort();
	memcpy(all, environ, n * sizeof(*all));
	memcpy(padding, name, sizeof(name) - 1);
	memset(padding + sizeof(name) - 1, 'x', bytes);
	padding[sizeof(name) - 1 + bytes] = '\0';
	all[n] = padding;
	return all;
}

/* In the child. If it goes on as another program, the exchange goes with it. */
static _Noreturn void become_window(struct exchange *x, char **environment,
				    pid_t parent)
{
	char fd[16];
	char *argv[] = { "synclab", "window", fd, NULL };

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	snprintf(fd, sizeof(fd), "%d", x->fd);
	fcntl(x->fd, F_SETFD, 0); /* stays open */
	execve(window_executable, argv, environment);
	x->taken = x->size; /* the reason is not the layout */
	x->result.environment = true;
	why(&x->result, "cannot start %s: %s: build it anew", window_executable,
	    strerror(errno));
	_exit(0);
}

static void fill_request(const struct cell *c, const struct window_plan *plan,
			 struct window_request *q)
{
	memset(q, 0, sizeof(*q));
	snprintf(q->scenario, sizeof(q->scenario), "%s", c->scenario->name);
	snprintf(q->name, sizeof(q->name), "%s", c->name);
	if (c->implementation)
		snprintf(q->kind, sizeof(q->kind), "%s",
			 c->implementation->kind);
	q->threads = c->threads;
	memcpy(q->values, c->values, sizeof(q->values));
	q->seed = c->seed;
	q->plan = *plan;
	q->clock_cost_ns = clock_cost_ns;
	q->work_step_ns = work_step_ns;
}

static pid_t start(struct cell *c, const struct window_plan *plan,
		   struct exchange *x)
{
	struct layout layout = layout_of(c->seed);
	char **environment = padded_environment(layout.padding);
	pid_t parent = getpid(), pid;

	memset(&x->result, 0, sizeof(x->result));
	x->taken = 0;
	fill_request(c, plan, &x->request);
	pid = fork();
	if (pid == 0)
		become_window(x, environment, parent);
	free(environment);
	if (pid < 0) {
		x->result.environment = true;
		why(&x->result,
		    "cannot start a process: %s: raise the limit (ulimit -u) "
		    "or free memory",
		    strerror(errno));
		return pid;
	}
	setpgid(pid, pid);
	return pid;
}

bool window_run(struct cell *c, const struct window_plan *plan,
		struct window_result *r)
{
	/* the ramp may be longer than planned, see ramp.h */
	uint64_t limit =
		4 * plan->ramp_ns + plan->measure_ns + window_patience_ns;
	struct exchange *x = exchange_of(r);
	pid_t pid = start(c, plan, x);
	int status = 0;

	if (pid < 0)
		return true;

	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	bool ended = reap(pidfd, pid, deadline_in(limit), &status);

	/* the whole group: servers and clients that the scenario started */
	kill(-pid, SIGKILL);
	if (!ended) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		r->complete = false;
		why(r, "hang: not done %.0f s after the end of the window",
		    (double)window_patience_ns / (double)NS_PER_S);
	} else if (x->taken != x->size) {
		refuse(x, r, status);
	} else if (status != 0 || (!r->complete && r->why[0] == '\0')) {
		explain(r, status);
	}
	close(pidfd);
	return !window_interrupted;
}
