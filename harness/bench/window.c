/* SPDX-License-Identifier: MIT */
/*
 * The parent's part: one child process a window, with a time limit, so that a
 * hang or a crash becomes a result. The child's part is in window_child.c.
 */
#include "window.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "window_child.h"

volatile int window_interrupted;

/* Far beyond any drain, so that only a hang reaches it. */
uint64_t window_patience_ns = 20 * NS_PER_S;

struct window_result *window_result_new(void)
{
	void *memory =
		mmap(NULL, sizeof(struct window_result), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
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

bool window_run(struct cell *c, const struct window_plan *plan,
		struct window_result *r)
{
	uint64_t limit = plan->ramp_ns + plan->measure_ns + window_patience_ns;
	int status = 0;
	pid_t parent = getpid(), pid;

	memset(r, 0, sizeof(*r));
	fflush(NULL); /* or the child prints our buffers a second time */
	pid = fork();
	if (pid < 0) {
		r->environment = true;
		why(r,
		    "cannot start a process: %s: raise the limit (ulimit -u) "
		    "or free memory",
		    strerror(errno));
		return true;
	}
	if (pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		window_child(c, plan, r);
		_exit(0);
	}
	setpgid(pid, pid);

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
	} else if (status != 0 || (!r->complete && r->why[0] == '\0')) {
		explain(r, status);
	}
	close(pidfd);
	return !window_interrupted;
}
