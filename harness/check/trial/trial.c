/* SPDX-License-Identifier: MIT */
#include "trial.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../primitives/sync.h"
#include "../../kit/child.h"
#include "../stressor/stressors.h"
#include "watchdog.h"

/* What the child says of itself, in memory that both see. */
static struct verdict_page {
	_Atomic bool said; /* the first of several threads is right */
	_Atomic bool complete;
	enum verdict verdict;
	char message[OUTCOME_MESSAGE];
} * page;

/* The watchdog ends a hung child; this long after its limit the parent does. */
enum { GRACE_S = 10 };

const char *const perturb_names[PERTURB_STRATEGIES] = { "none", "random", "pct",
							"stall" };

static struct settings own;
static bool inside;

const struct settings *trial_settings(void)
{
	return inside ? &own : NULL;
}

/* The last thing a child does. Several threads may come here at once. */
static _Noreturn void end(enum verdict verdict, const char *message)
{
	char done[400] = "";

	if (atomic_exchange_explicit(&page->said, true, memory_order_relaxed))
		for (;;)
			pause();
	page->verdict = verdict;
	snprintf(page->message, sizeof(page->message), "%s", message);
	if (verdict != SKIPPED && verdict != PASSED && perturb_available())
		perturb_describe(done, sizeof(done));
	if (done[0])
		fprintf(stderr, "schedule: %s\n", done);
	fflush(NULL);
	atomic_store_explicit(&page->complete, true, memory_order_release);
	_exit(0);
}

void trial_end(enum verdict verdict, const char *format, ...)
{
	char message[OUTCOME_MESSAGE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	end(verdict, message);
}

void trial_skip(const char *reason)
{
	end(SKIPPED, reason ? reason : "no reason given");
}

static _Noreturn void child(const struct settings *s,
			    void (*body)(void *argument), void *argument,
			    int output)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	own = *s;
	inside = true;
	watchdog_start(s->limit_s);
	if (perturb_available())
		perturb_begin(&s->perturbation);
	stressors_begin(s->stressors, s->seed);
	body(argument);
	end(PASSED, "");
}

static void judge(int status, unsigned limit_s, struct outcome *out)
{
	if (status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
	    atomic_load_explicit(&page->complete, memory_order_acquire)) {
		out->verdict = page->verdict;
		memcpy(out->message, page->message, sizeof(out->message));
	} else if (status < 0) {
		out->verdict = HUNG;
		snprintf(out->message, sizeof(out->message),
			 "not done after %u s", limit_s + GRACE_S);
	} else if (WIFSIGNALED(status)) {
		out->verdict = CRASHED;
		snprintf(out->message, sizeof(out->message), "signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	} else {
		out->verdict = CRASHED;
		snprintf(out->message, sizeof(out->message),
			 "exit with status %d", WEXITSTATUS(status));
	}
}

/* In memset and its like a summary tells no place: their caller does. */
static void name_caller(struct outcome *out)
{
	char *place = strstr(out->message, " (");
	const char *caller = strstr(out->report, "    #1 "), *end;

	if (!place || !caller || !strstr(out->message, "__interceptor_"))
		return;
	caller += strlen("    #1 ");
	end = strstr(caller, " (");
	if (end)
		snprintf(place,
			 sizeof(out->message) - (size_t)(place - out->message),
			 " in a call of %.*s", (int)(end - caller), caller);
}

/* A sanitizer names what it found in a line of its own: that is the message. */
static void take_sanitizer_line(struct outcome *out)
{
	static const char *const marks[] = {
		"SUMMARY: ThreadSanitizer: ",
		"SUMMARY: AddressSanitizer: ",
		"SUMMARY: UndefinedBehaviorSanitizer: ",
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *line = strstr(out->report, marks[i]);

		if (!line)
			continue;
		line += strlen("SUMMARY: ");
		out->verdict = FAILED;
		snprintf(out->message, sizeof(out->message), "%.*s",
			 (int)strcspn(line, "\n"), line);
		name_caller(out);
	}
}

/* The beginning of what the child printed: causes come before consequences. */
static void take_report(int output, struct outcome *out)
{
	ssize_t n = pread(output, out->report, sizeof(out->report) - 1, 0);

	out->report[n > 0 ? n : 0] = '\0';
}

static int output_file(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("trial", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET))
		abort();
	return fd;
}

void trial_run(const struct settings *s, void (*body)(void *argument),
	       void *argument, struct outcome *out)
{
	uint64_t start = now_ns();
	int output = output_file();
	pid_t pid;

	if (!page)
		page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		abort();
	memset(page, 0, sizeof(*page));
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0)
		child(s, body, argument, output);
	setpgid(pid, pid);
	judge(child_wait(pid, (int)(s->limit_s + GRACE_S) * 1000), s->limit_s,
	      out);
	take_report(output, out);
	take_sanitizer_line(out);
	out->elapsed_s = elapsed_s(start);
}

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { "passed", "skipped", "failed",
					     "hung", "crashed" };

	return names[v];
}

void settings_describe(const struct settings *s, char *text, size_t size)
{
	char stress[200];
	const char *strategy = perturb_names[s->perturbation.strategy];

	stressors_describe(s->stressors, stress, sizeof(stress));
	snprintf(text, size, "seed %llu%s%s%s%s", (unsigned long long)s->seed,
		 stress[0] ? ", " : "", stress,
		 s->perturbation.strategy ? ", " : "",
		 s->perturbation.strategy ? strategy : "");
}
