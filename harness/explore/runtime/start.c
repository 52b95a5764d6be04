/* SPDX-License-Identifier: MIT */
/*
 * The runtime takes over between the program's constructors and its main: our
 * __libc_start_main hands the C library another main.
 *
 * Without the page of the command the program runs as if we were not there.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../primitives/sync.h"
#include "crash.h"
#include "jobs.h"
#include "memory.h"
#include "options.h"
#include "report.h"
#include "search.h"
#include "start.h"

typedef int entry_function(int, char **, char **);
typedef int start_function(entry_function *, int, char **, entry_function *,
			   void (*)(void), void (*)(void), void *);

static struct explore_page no_page;
struct explore_page *page = &no_page;

FILE *console_out, *console;

static entry_function *program;

_Noreturn static void refuse(const char *why)
{
	fprintf(stderr, "explore: %s\n", why);
	_exit(EXPLORE_UNSUPPORTED);
}

static bool find_page(void)
{
	struct explore_page *p;
	struct stat status;

	if (fstat(EXPLORE_FD, &status) || (size_t)status.st_size < sizeof(*p))
		return false;
	p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED,
		 EXPLORE_FD, 0);
	if (p == MAP_FAILED || p->magic != EXPLORE_MAGIC)
		return false;
	if (p->bytes != sizeof(*p))
		refuse("the command is of another build than the runtime");
	page = p;
	return true;
}

static FILE *keep(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, EXPLORE_FD + 1);
	FILE *f = copy < 0 ? NULL : fdopen(copy, "w");

	/* closed: nobody wants to know */
	return f ? f : fopen("/dev/null", "w");
}

/* A replay is there to be watched. */
static void silence(void)
{
	int nowhere;

	fflush(NULL);
	console_out = keep(STDOUT_FILENO);
	console = keep(STDERR_FILENO);
	if (!console_out || !console)
		refuse("no streams");
	setvbuf(console, NULL, _IOLBF, 0);
	if (page->only_replay)
		return;
	nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	dup2(nowhere, STDOUT_FILENO);
	dup2(nowhere, STDERR_FILENO);
	close(nowhere);
}

void start_flush(void)
{
	fflush(console_out);
	fflush(console);
}

static void search(void)
{
	uint64_t begun = now_ns();

	jobs_start();
	if (page->mode == EXPLORE_ALL)
		search_all();
	else
		search_random();
	jobs_finish();
	atomic_store_explicit(&page->nanoseconds, now_ns() - begun,
			      memory_order_relaxed);
}

static int verdict(void)
{
	if (page->violation_kind != NO_VIOLATION &&
	    page->violation_kind != UNSUPPORTED)
		return EXPLORE_VIOLATION;
	if (page->violation_kind == UNSUPPORTED || page->unsupported[0])
		return EXPLORE_UNSUPPORTED;
	if (atomic_load_explicit(&page->violations, memory_order_relaxed))
		return EXPLORE_VIOLATION;
	if (atomic_load_explicit(&page->bounded, memory_order_relaxed))
		return EXPLORE_BOUNDED;
	return EXPLORE_VERIFIED;
}

/* The program's destructors and exit handlers belong to its executions: none
 * of them runs here. */
static int explore(int argc, char **argv, char **envp)
{
	int code;

	memory_start();
	fiber_start(THREADS_MAX);
	crash_start();
	silence();
	engine_start(program, argc, argv, envp);
	if (!page->only_replay)
		search();
	else if (!report_replay(page->trace))
		snprintf(page->unsupported, sizeof(page->unsupported),
			 "the trace does not fit the program");
	code = verdict();
	fiber_home();
	start_flush();
	_exit(code);
}

static int begin(int argc, char **argv, char **envp)
{
	return find_page() ? explore(argc, argv, envp)
			   : program(argc, argv, envp);
}

__attribute__((visibility("default"))) int __libc_start_main(
	entry_function *entry, int argc, char **argv, entry_function *init,
	void (*fini)(void), void (*loader_fini)(void), void *stack_end)
{
	start_function *start;

	*(void **)&start = dlsym(RTLD_NEXT, "__libc_start_main");
	program = entry;
	if (start)
		return start(begin, argc, argv, init, fini, loader_fini,
			     stack_end);
	refuse("no C library");
}
