/* SPDX-License-Identifier: MIT */
/*
 * Runs the tests that are linked in, each in a forked child with a time limit,
 * a few at once: most of their time is waiting. Closes with a line of counts.
 *
 *	posix [--list] [--filter=PATTERN] [--jobs=N] [--limit=SECONDS]
 *	posix --here --filter=PATTERN
 *
 * A child is the leader of a process group, so that nothing of it stays behind.
 * It speaks through a page that all its processes share.
 */
#include <fnmatch.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "posix.h"

enum { SKIPPED = 77, USAGE = 2 };

struct report {
	const struct test *test;
	_Atomic bool failed;
	char text[400]; /* why it failed or was skipped */
	char note[400];
	/* the runner's */
	pid_t pid;
	struct timespec deadline;
	bool over;
	int status;
};

extern const struct test *const __start_posix_tests[];
extern const struct test *const __stop_posix_tests[];

static struct {
	const char *filter;
	bool list, here;
	int jobs, limit;
} options = { .jobs = 4, .limit = 20 };

static struct report *reports, *own;
static size_t count;
static unsigned passed, failed, skipped;

/* Several threads and processes may come here at once: the first is right. The
 * others of its group cannot go on without it. */
void fail(const char *file, int line, const char *format, ...)
{
	size_t n = sizeof(own->text);
	va_list list;

	va_start(list, format);
	if (!atomic_exchange(&own->failed, true)) {
		int used = snprintf(own->text, n, "%s:%d: ", file, line);

		vsnprintf(own->text + used, n - (size_t)used, format, list);
		if (options.here)
			fprintf(stderr, "%s\n", own->text);
		else
			kill(0, SIGKILL);
	}
	va_end(list);
	_exit(1);
}

void skip(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(own->text, sizeof(own->text), format, list);
	va_end(list);
	if (options.here)
		fprintf(stderr, "%s\n", own->text);
	_exit(SKIPPED);
}

void note(const char *format, ...)
{
	va_list list;

	if (own->note[0])
		return;
	va_start(list, format);
	vsnprintf(own->note, sizeof(own->note), format, list);
	va_end(list);
	if (options.here)
		fprintf(stderr, "%s\n", own->note);
}

static _Noreturn void usage(const char *message, const char *argument)
{
	fprintf(stderr, "posix: ");
	fprintf(stderr, message, argument);
	fprintf(stderr, "\n");
	exit(USAGE);
}

static int number(const char *option, const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*end || end == text || value < 1 || value > 1000)
		usage("%s takes a number from 1 to 1000", option);
	return (int)value;
}

static void parse(int argc, char **argv)
{
	static const struct option known[] = {
		{ "list", no_argument, NULL, 'l' },
		{ "here", no_argument, NULL, 'h' },
		{ "filter", required_argument, NULL, 'f' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "limit", required_argument, NULL, 's' },
		{ 0 },
	};

	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		if (c == 'l')
			options.list = true;
		else if (c == 'h')
			options.here = true;
		else if (c == 'f')
			options.filter = optarg;
		else if (c == 'j')
			options.jobs = number("--jobs", optarg);
		else if (c == 's')
			options.limit = number("--limit", optarg);
		else
			usage("unknown option '%s': --list, --filter=PATTERN, "
			      "--jobs=N, --limit=SECONDS or --here",
			      argv[optind - 1]);
	}
	if (argv[optind])
		usage("what is '%s'? choose tests by --filter=PATTERN",
		      argv[optind]);
}

/* FILE, FILE/NAME, each part with shell wildcards. */
static bool chosen(const struct test *t)
{
	char name[200];

	if (!options.filter)
		return true;
	snprintf(name, sizeof(name), "%s/%s", t->file, t->name);
	return fnmatch(options.filter,
		       strchr(options.filter, '/') ? name : t->file, 0) == 0;
}

/* The compiler lays them out as it likes. */
static int in_order(const void *a, const void *b)
{
	const struct test *s = ((const struct report *)a)->test;
	const struct test *t = ((const struct report *)b)->test;
	int files = strcmp(s->file, t->file);

	return files ? files : s->number - t->number;
}

static void collect(void)
{
	size_t most = (size_t)(__stop_posix_tests - __start_posix_tests);

	reports = mmap(NULL, most * sizeof(*reports), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (reports == MAP_FAILED)
		usage("no memory for the reports%s", "");
	for (size_t i = 0; i < most; i++)
		if (chosen(__start_posix_tests[i]))
			reports[count++].test = __start_posix_tests[i];
	qsort(reports, count, sizeof(*reports), in_order);
	if (!count)
		usage("--filter=%s matches no test: --list names them",
		      options.filter);
}

static void launch(struct report *r)
{
	pid_t child;

	r->deadline = in_ms(CLOCK_MONOTONIC, options.limit * 1000L);
	child = fork();
	if (child < 0)
		usage("cannot fork%s", "");
	if (child) { /* the page is shared: only one of us writes this */
		r->pid = child;
		return;
	}
	setpgid(0, 0);
	own = r;
	r->test->run();
	_exit(0);
}

/* What a process that hangs is about, a word a thread. */
static void describe(struct report *r)
{
	char command[160];
	FILE *pipe;

	snprintf(r->text, sizeof(r->text),
		 "still running after %d s:", options.limit);
	snprintf(command, sizeof(command),
		 "for t in /proc/%d/task/*; do sed 's/.*) \\(.\\).*/\\1/' "
		 "$t/stat; cat $t/wchan; echo; done | paste -s -d ' '",
		 r->pid);
	pipe = popen(command, "r");
	if (!pipe)
		return;
	if (fgets(r->text + strlen(r->text),
		  (int)(sizeof(r->text) - strlen(r->text)), pipe))
		r->text[strcspn(r->text, "\n")] = 0;
	pclose(pipe);
}

/* Is the child over? One that is late is ended. Its group is still its own
 * while it has not been waited for. */
static bool reap(struct report *r)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT))
		return false;
	if (!info.si_pid && !has_passed(CLOCK_MONOTONIC, &r->deadline))
		return false;
	if (!info.si_pid && !atomic_exchange(&r->failed, true))
		describe(r);
	kill(-r->pid, SIGKILL);
	kill(r->pid, SIGKILL);
	waitpid(r->pid, &r->status, 0);
	r->over = true;
	return true;
}

static void show(struct report *r)
{
	const struct test *t = r->test;
	bool skips = WIFEXITED(r->status) &&
		     WEXITSTATUS(r->status) == SKIPPED && !r->failed;
	bool passes = r->status == 0 && !r->failed;

	printf("%-5s %s/%s (%s: %s)\n",
	       passes  ? "ok"
	       : skips ? "SKIP"
		       : "FAIL",
	       t->file, t->name, t->page, t->sentence);
	if (!passes && !r->text[0])
		printf("      ended with status %#x: %s\n", (unsigned)r->status,
		       WIFSIGNALED(r->status) ? strsignal(WTERMSIG(r->status))
					      : "exit");
	else if (!passes)
		printf("      %s\n", r->text);
	if (r->note[0])
		printf("      note: %s\n", r->note);
	fflush(stdout);
	*(passes ? &passed : skips ? &skipped : &failed) += 1;
}

static void run_all(void)
{
	size_t next = 0, shown = 0;
	int running = 0;

	while (shown < count) {
		while (next < count && running < options.jobs) {
			launch(&reports[next++]);
			running++;
		}
		for (size_t i = shown; i < next; i++)
			if (!reports[i].over && reap(&reports[i]))
				running--;
		for (; shown < next && reports[shown].over; shown++)
			show(&reports[shown]);
		pause_ms(1);
	}
}

static void list(void)
{
	for (size_t i = 0; i < count; i++)
		printf("%s/%s (%s: %s)\n", reports[i].test->file,
		       reports[i].test->name, reports[i].test->page,
		       reports[i].test->sentence);
}

int main(int argc, char **argv)
{
	parse(argc, argv);
	collect();
	if (options.list) {
		list();
		return 0;
	}
	if (options.here) { /* for a debugger; what follows a skip is not run */
		for (own = reports; own < reports + count; own++)
			own->test->run();
		return 0;
	}
	run_all();
	printf("posix: %u passed, %u failed, %u skipped\n", passed, failed,
	       skipped);
	return failed ? 1 : 0;
}
