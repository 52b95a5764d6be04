/* SPDX-License-Identifier: MIT */
#include "explored.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../command.h"
#include "tool.h"

/* A program that has not ended so long after --seconds never will. */
enum { GRACE_S = 60, TICK_MS = 250 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

uint64_t explored_executions(const struct explored *e)
{
	const struct explore_page *p = e->page;

	return p ? p->complete + p->blocked + p->violations : 0;
}

double explored_rate(const struct explored *e)
{
	uint64_t ns = e->page ? e->page->nanoseconds : 0;

	return ns ? (double)explored_executions(e) * 1e9 / (double)ns : 0;
}

uint64_t explored_distinct(const struct explored *e)
{
	return e->page ? explored_executions(e) - e->page->duplicates : 0;
}

double explored_coverage(const struct explored *e)
{
	uint64_t n = explored_executions(e);

	return n ? 1 - (double)e->page->once / (double)n : 0;
}

static int new_page(struct explored *e, const struct exploring *how)
{
	int fd = memfd_create("explore", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, sizeof(*e->page)))
		abort();
	e->page = mmap(NULL, sizeof(*e->page), PROT_READ | PROT_WRITE,
		       MAP_SHARED, fd, 0);
	if (e->page == MAP_FAILED)
		abort();
	memcpy(e->page, how->ask, sizeof(*e->page));
	strcpy(e->page->trace, e->trace);
	strcpy(e->page->report, e->report);
	return fd;
}

static _Noreturn void become(const struct explored *e, int fd)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* ends with us, even where we are killed */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* addresses repeat, and with them what depends on them */
	personality(ADDR_NO_RANDOMIZE);
	dup2(fd, EXPLORE_FD);
	if (!e->talks) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		close(null);
	}
	execvp(e->argv[0], e->argv);
	_exit(127);
}

static void start(struct explored *e, const struct exploring *how)
{
	int fd = new_page(e, how);

	fflush(NULL);
	e->begun = now();
	e->pid = fork();
	if (e->pid < 0)
		abort();
	if (e->pid == 0)
		become(e, fd);
	close(fd);
}

static void refuse(struct explored *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void refuse(struct explored *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	e->verdict = NOT_SUPPORTED;
	vsnprintf(e->why, sizeof(e->why), format, args);
	va_end(args);
}

/* The program may be one that the runtime has not taken over. */
static bool explored(const struct explored *e, int code)
{
	const struct explore_page *p = e->page;

	switch (code) {
	case EXPLORE_VERIFIED:
		return explored_executions(e) > 0;
	case EXPLORE_VIOLATION:
		return p->violation_kind != 0;
	case EXPLORE_UNSUPPORTED:
		return p->unsupported[0] || p->violation_text[0];
	case EXPLORE_BOUNDED:
		return p->bounded;
	default:
		return false;
	}
}

static void settle_exit(struct explored *e, int code)
{
	if (code == 127)
		refuse(e,
		       "%s cannot be run: `make explorer` builds what it needs",
		       e->argv[0]);
	else if (!explored(e, code))
		refuse(e, "%s ended with status %d and without a verdict",
		       e->argv[0], code);
	else if (code == EXPLORE_UNSUPPORTED)
		refuse(e, "%s",
		       e->page->unsupported[0] ? e->page->unsupported
					       : e->page->violation_text);
	else if (code == EXPLORE_VERIFIED && e->page->complete == 0)
		refuse(e, "no execution comes to its end, so none shows "
			  "anything");
	else
		e->verdict = (enum verdict)code;
}

static void settle(struct explored *e, int status, const struct rusage *usage)
{
	e->ended = true;
	e->pid = 0;
	e->seconds = now() - e->begun;
	e->rss_kb = usage->ru_maxrss;
	if (e->verdict == CUT_SHORT)
		return;
	if (WIFEXITED(status))
		settle_exit(e, WEXITSTATUS(status));
	else if (WTERMSIG(status) == SIGKILL)
		refuse(e, "killed after %.0f s", e->seconds);
	else
		refuse(e, "a fault of the explorer itself: signal %d (%s)",
		       WTERMSIG(status), strsignal(WTERMSIG(status)));
}

static void show_progress(const struct explored *all, size_t n)
{
	size_t ended = 0;
	const struct explored *last = NULL;

	for (size_t i = 0; i < n; i++) {
		ended += all[i].ended;
		if (all[i].pid)
			last = &all[i];
	}
	fputs("\r\033[K", stderr);
	if (!last)
		return;

	double s = now() - last->begun;
	uint64_t executions = explored_executions(last);

	fprintf(stderr, "[%zu/%zu] %s%s%s: %llu executions, %.0f/s", ended, n,
		last->name, last->client ? " " : "",
		last->client ? last->client : "",
		(unsigned long long)executions,
		s > 0 ? (double)executions / s : 0);
}

/* Runs until one has ended, or a moment has passed. */
static void wait_a_moment(void)
{
	struct timespec moment = { 0, TICK_MS * 1000000L };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigtimedwait(&set, NULL, &moment);
}

static void overdue(struct explored *e, uint64_t ms_max)
{
	if (e->pid && ms_max &&
	    now() - e->begun > (double)ms_max / 1000 + GRACE_S)
		kill(e->pid, SIGKILL);
}

static void cut_short(struct explored *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (all[i].ended)
			continue;
		all[i].verdict = CUT_SHORT;
		all[i].ended = !all[i].pid;
		if (!all[i].pid)
			continue;
		all[i].page->stop = 1; /* for its own jobs */
		kill(all[i].pid, SIGKILL);
	}
}

/* What has ended is reaped; returns how many still run. */
static unsigned reap(struct explored *all, size_t n,
		     const struct exploring *how)
{
	unsigned running = 0;

	for (size_t i = 0; i < n; i++) {
		struct explored *e = &all[i];
		struct rusage usage;
		int status;

		overdue(e, how->ask->ms_max);
		if (e->pid &&
		    wait4(e->pid, &status, WNOHANG, &usage) == e->pid) {
			settle(e, status, &usage);
			if (how->progress)
				fputs("\r\033[K", stderr);
			if (how->done && e->verdict != CUT_SHORT)
				how->done(e, how->context);
			if (how->until_violation && e->verdict == VIOLATED)
				cut_short(all, n);
		}
		running += e->pid != 0;
	}
	return running;
}

static struct explored *next(struct explored *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!all[i].ended && !all[i].pid)
			return &all[i];
	return NULL;
}

/* Those that need no run; returns how many do. */
static unsigned skip(struct explored *all, size_t n,
		     const struct exploring *how)
{
	unsigned left = 0;

	for (size_t i = 0; i < n; i++) {
		all[i].ended = all[i].verdict == NOT_APPLICABLE;
		left += !all[i].ended;
		if (all[i].ended && how->done)
			how->done(&all[i], how->context);
	}
	return left;
}

void explored_run(struct explored *all, size_t n, const struct exploring *how)
{
	unsigned left = skip(all, n, how);
	unsigned width = left < how->jobs ? left : how->jobs;
	struct explore_page *ask = malloc(sizeof(*ask));
	struct exploring shared = *how;
	sigset_t child, before;
	unsigned running = 0;
	struct explored *e;

	if (!ask)
		abort();
	memcpy(ask, how->ask, sizeof(*ask));
	ask->jobs = width ? how->jobs / width : 1;
	shared.ask = ask;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	while ((e = next(all, n)) || running) {
		if (e && running < width) {
			start(e, &shared);
			running++;
			continue;
		}
		wait_a_moment();
		running = reap(all, n, &shared);
		if (how->progress)
			show_progress(all, n);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (how->progress)
		fputs("\r\033[K", stderr);
	free(ask);
}

int explored_gdb(struct explored *e, const struct explore_page *ask)
{
	struct words w = { NULL, 0 };
	struct exploring how = { .ask = ask };

	words_split(&w, "gdb --args");
	for (int i = 0; e->argv[i]; i++)
		words_add(&w, "%s", e->argv[i]);
	/* gdb leaves open what it has found open */
	dup2(new_page(e, &how), EXPLORE_FD);
	personality(ADDR_NO_RANDOMIZE);
	execvp("gdb", w.all);
	words_free(&w);
	return lab_fail("gdb: %s: install it", strerror(errno));
}

void explored_forget(struct explored *e)
{
	if (e->page)
		munmap(e->page, sizeof(*e->page));
	e->page = NULL;
	e->ended = false;
	e->verdict = VERIFIED;
	e->why[0] = '\0';
}
