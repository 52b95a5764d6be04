/* SPDX-License-Identifier: MIT */
#include "jobs.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <unistd.h>

/* A finding on its way between processes, perhaps of two builds. */
struct parcel {
	uint64_t size;
	struct finding finding;
};

int job_here(const struct registration *r, const struct detector *d,
	     const struct budget *b)
{
	static struct parcel p = { .size = sizeof(p) };
	const char *at = (const char *)&p;

	if (d->run)
		d->run(r, b, &p.finding);
	else
		hunt_laws(r, b, d->settle, &p.finding);
	for (size_t left = sizeof(p); left > 0;) {
		ssize_t n = write(STDOUT_FILENO, at, left);

		if (n <= 0)
			return 2;
		at += n;
		left -= (size_t)n;
	}
	return 0;
}

/* .../build/BUILD/NAME */
static const char *self(void)
{
	static char path[4096];

	/* what is left is zero: the path ends */
	if (!path[0] && readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		abort();
	return path;
}

const char *build_folder(void)
{
	static char path[4096];

	if (!path[0])
		dirname(dirname(strcpy(path, self())));
	return path;
}

/* The command of another build, beside this one's. */
static void sibling(const char *build, char *path, size_t size)
{
	snprintf(path, size, "%s/%s%s", build_folder(), build,
		 strrchr(self(), '/'));
}

static void not_covered(struct job *j, const char *why)
{
	j->finding.verdict = SKIPPED;
	snprintf(j->finding.outcome.message, sizeof(j->finding.outcome.message),
		 "not run: build/%s %s: `make detectors` builds all",
		 j->detector->build, why);
}

/* What trials need; the user's own come after it and win. */
static void sanitizer_options(const char *name, const char *needed)
{
	const char *own = getenv(name);
	char both[4096];

	snprintf(both, sizeof(both), "%s:%s", needed, own ? own : "");
	setenv(name, both, 1);
}

static _Noreturn void start(const struct job *j, const struct budget *b,
			    const char *path, int output)
{
	char seconds[40], seed[40], limit[40], law[80], which[80], subject[160];
	char *const argv[] = { (char *)path, "check", "--here", which, seconds,
			       seed,	     limit,   subject,	law,   NULL };

	snprintf(which, sizeof(which), "--detectors=%s", j->detector->name);
	snprintf(seconds, sizeof(seconds), "--seconds=%.3f", b->seconds);
	snprintf(seed, sizeof(seed), "--seed=%llu",
		 (unsigned long long)b->seed);
	snprintf(limit, sizeof(limit), "--limit-s=%u", b->limit_s);
	snprintf(law, sizeof(law), "--law=%s", b->law ? b->law : "");
	snprintf(subject, sizeof(subject), "%s/%s", j->subject->kind,
		 j->subject->id->name);
	/* sanitizers map fixed addresses, which too random a layout may take */
	personality(ADDR_NO_RANDOMIZE);
	sanitizer_options("TSAN_OPTIONS",
			  "halt_on_error=1:atexit_sleep_ms=0:"
			  "report_thread_leaks=0:die_after_fork=0:"
			  "suppressions=" SYNCLAB_ROOT "/scripts/tsan.supp");
	/* a trial ends in the middle of everything: leaks mean nothing */
	sanitizer_options("ASAN_OPTIONS",
			  "detect_stack_use_after_return=1:detect_leaks=0");
	sanitizer_options("UBSAN_OPTIONS", "print_stacktrace=1");
	dup2(output, STDOUT_FILENO);
	execv(path, argv);
	_exit(127);
}

struct running {
	struct job *job;
	pid_t pid;
	int output;
};

static void collect(struct running *r, int status)
{
	static struct parcel p;
	struct job *j = r->job;
	ssize_t n = pread(r->output, &p, sizeof(p), 0);

	close(r->output);
	r->job = NULL;
	if (n == (ssize_t)sizeof(p) && p.size == sizeof(p))
		j->finding = p.finding;
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		not_covered(j, "is not there");
	else
		not_covered(j, "is of other sources, or crashed");
}

static void launch(struct running *r, struct job *j, const struct budget *b)
{
	char path[4200];

	sibling(j->detector->build, path, sizeof(path));
	r->job = j;
	r->output = memfd_create("finding", MFD_CLOEXEC);
	fflush(NULL);
	r->pid = fork();
	if (r->output < 0 || r->pid < 0)
		abort();
	if (r->pid == 0)
		start(j, b, path, r->output);
}

static struct running *of_pid(struct running *all, unsigned width, pid_t pid)
{
	for (unsigned i = 0; i < width; i++)
		if (all[i].job && all[i].pid == pid)
			return &all[i];
	return NULL;
}

static struct running *idle(struct running *all, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		if (!all[i].job)
			return &all[i];
	return NULL;
}

void jobs_run(struct job *jobs, size_t n, unsigned width,
	      const struct budget *b, void (*done)(const struct job *j))
{
	struct running *all = calloc(width, sizeof(*all));
	size_t started = 0, ended = 0;

	if (!all)
		abort();
	while (ended < n) {
		struct running *r = idle(all, width);
		int status;
		pid_t pid;

		if (r && started < n) {
			launch(r, &jobs[started++], b);
			continue;
		}
		pid = waitpid(-1, &status, 0);
		if (pid < 0 && errno == EINTR)
			continue;
		r = of_pid(all, width, pid);
		if (!r)
			continue;

		struct job *j = r->job;

		collect(r, status);
		ended++;
		done(j);
	}
	free(all);
}
