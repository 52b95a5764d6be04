/* SPDX-License-Identifier: MIT */
/*
 * A process with two threads ends by exit: one is a daemon that never ends, the
 * other one writes a byte into a pipe after a while.
 *
 * exit must wait for the second and not for the first, and only then run the
 * exit handler that was there before them; it writes a byte of its own. So the
 * pipe holds both bytes in this order when the process is gone.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../primitives/posix.h"
#include "../primitives/thread.h"
#include "_kit.h"

/* Longer than any load can hold up a child, shorter than the harness waits. */
static const int GIVE_UP_MS = 10000;

/* In the child: where to write, and when. */
static int out = -1;
static uint64_t delay_ns;

static const char *skip(const struct cell *c)
{
	(void)c;
#ifdef UNDER_TSAN
	return "ThreadSanitizer starts no threads in a child of threads";
#else
	return NULL;
#endif
}

static bool setup(struct cell *c)
{
	delay_ns = cell_param(c, "delay_ms") * NS_PER_MS;
	return true;
}

static void say(char byte)
{
	if (write(out, &byte, 1) != 1)
		_exit(2);
}

/* Ends the process: what the parent has registered is not the child's. */
static void last_handler(void)
{
	say('h');
	_exit(0);
}

static void never_end(void *argument)
{
	(void)argument;
	for (;;)
		pause();
}

static void save(void *argument)
{
	struct timespec t = deadline_timespec(deadline_in(delay_ns));

	(void)argument;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
		;
	say('t');
}

static _Noreturn void child(const struct cell *c, int fd)
{
	const struct thread_impl *impl = (const void *)c->implementation->id;
	struct thread_options updater = { .function = never_end,
					  .daemon = true };
	struct thread_options saver = { .function = save };

	out = fd;
	if (atexit(last_handler) ||
	    impl->start(cell_object(c->implementation), &updater) ||
	    impl->start(cell_object(c->implementation), &saver))
		_exit(3);
	exit(0);
}

/* How the child ended; kills it if it does not. */
static int await(struct cell *c, pid_t pid)
{
	struct pollfd p = { .fd = (int)syscall(SYS_pidfd_open, pid, 0),
			    .events = POLLIN };
	struct rusage used;
	int status, r;

	do
		r = poll(&p, 1, GIVE_UP_MS);
	while (r < 0 && errno == EINTR);
	if (r == 0) {
		cell_fail(c, "exit did not return: it waits for a daemon?");
		kill(pid, SIGKILL);
	}
	close(p.fd);
	wait4(pid, &status, 0, &used);

	uint64_t us = (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) *
			      1000000 +
		      (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);

	atomic_fetch_add_explicit(&c->children_cpu_ns, us * NS_PER_US,
				  memory_order_relaxed);
	return status;
}

static bool run_child(struct cell *c)
{
	char said[4] = "";
	int ends[2], status;
	pid_t pid;

	/* not to block: other children may still hold a copy of the pipe */
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return cell_fail(c, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		child(c, ends[1]);
	if (pid < 0)
		return cell_fail(c, "fork: %s", strerror(errno));
	close(ends[1]);
	status = await(c, pid);
	if (read(ends[0], said, sizeof(said) - 1) < 0)
		said[0] = '\0';
	close(ends[0]);
	if (status)
		return cell_fail(c, "the child ended with status %d", status);
	if (strcmp(said, "th") != 0)
		return cell_fail(c, "exit did not wait: '%s', not 'th'", said);
	return true;
}

static void work(struct worker *w)
{
	while (worker_next(w)) {
		uint64_t start = worker_start(w);

		if (!run_child(w->cell))
			return;
		worker_end(w, start);
		worker_count(w, 1);
	}
}

static bool verify(struct cell *c)
{
	return c->why[0] == '\0'; /* what work has found */
}

SCENARIO(
	.name = "daemon_exit",
	.kind = "thread",
	.bound = BOUND_IO,
	.brief = "one process that ends with a daemon and a thread left",
	.models = "a tool with an updater that must save before it exits",
	.params = {
		{ "delay_ms", 5, 0, 1000, "until the other thread writes" },
	},
	.slow = true,
	.skip = skip,
	.setup = setup,
	.work = work,
	.verify = verify);
