/* SPDX-License-Identifier: MIT */
#include "crew.h"

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	READY_TIMEOUT_MS = 20000, /* an interpreter starts in 20-500 ms */
	LEAVE_TIMEOUT_MS = 5000,
};

static const char fork_failed[] = "fork: %s: raise ulimit -u";

static void sleep_ns(uint64_t ns)
{
	struct timespec t = { (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		;
}

static size_t board_size(const struct crew *crew)
{
	return sizeof(struct crew_board) +
	       crew->seats * sizeof(struct crew_seat);
}

bool crew_open(struct crew *crew, struct cell *c, bool timed)
{
	_Static_assert(sizeof(struct crew_board) == CREW_HEAD_WORDS * 8 &&
			       sizeof(struct crew_seat) == CREW_SEAT_WORDS * 8,
		       "as documented for other languages");
	*crew = (struct crew){
		.cell = c,
		.seats = c->threads,
		.timed = timed,
		.go = { -1, -1 },
	};
	crew->board_fd = memfd_create("crew", MFD_CLOEXEC);
	if (crew->board_fd < 0 || pipe2(crew->go, O_CLOEXEC) != 0 ||
	    ftruncate(crew->board_fd, (off_t)board_size(crew)) != 0)
		return cell_fail(c,
				 "shared memory or pipe: %s: raise ulimit -n",
				 strerror(errno));
	crew->board = mmap(NULL, board_size(crew), PROT_READ | PROT_WRITE,
			   MAP_SHARED, crew->board_fd, 0);
	if (crew->board == MAP_FAILED) {
		crew->board = NULL;
		return cell_fail(c, "shared memory: %s: use fewer threads",
				 strerror(errno));
	}
	return true;
}

/* ---- members ---- */

static _Noreturn void member_run(const struct crew *crew, crew_member *member,
				 unsigned index)
{
	char go = 0;

	/* relaxed: read again and again until it is there */
	atomic_store_explicit(&crew->board->seats[index].pid,
			      (uint64_t)getpid(), memory_order_relaxed);
	while (read(crew->go[0], &go, 1) < 0 && errno == EINTR)
		;
	if (go == 'g')
		member(crew, index);
	_exit(0);
}

bool crew_fork(struct crew *crew, crew_member *member)
{
	for (unsigned i = 0; i < crew->seats; i++) {
		pid_t pid = child_fork("crew-member");

		if (pid < 0)
			return cell_fail(crew->cell, fork_failed,
					 strerror(errno));
		if (pid == 0) {
			close(crew->go[1]);
			member_run(crew, member, i);
		}
		crew->pids[crew->n_pids++] = pid;
		crew->waiting++;
	}
	return true;
}

static _Noreturn void program_run(const struct crew *crew, char *const argv[],
				  const int *keep, int out)
{
	dup2(crew->go[0], STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	fcntl(crew->board_fd, F_SETFD, 0);
	for (; *keep >= 0; keep++)
		fcntl(*keep, F_SETFD, 0);
	execvp(argv[0], argv);
	dprintf(STDOUT_FILENO, "%s\n", strerror(errno));
	_exit(127);
}

/* The program's first line, without its end; "" if there was none in time. */
static void read_line(int fd, char *line, size_t size)
{
	uint64_t deadline = deadline_in(READY_TIMEOUT_MS * NS_PER_MS);
	size_t n = 0;

	while (n + 1 < size && !deadline_passed(deadline)) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (poll(&p, 1, 100) <= 0)
			continue;
		if (read(fd, line + n, 1) != 1 || line[n] == '\n')
			break;
		n++;
	}
	line[n] = '\0';
}

bool crew_exec(struct crew *crew, char *const argv[], const int *keep,
	       unsigned waiting)
{
	char line[120];
	int out[2];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) != 0)
		return cell_fail(crew->cell, "pipe: %s: raise ulimit -n",
				 strerror(errno));
	pid = child_fork("crew-program");
	if (pid < 0)
		return cell_fail(crew->cell, fork_failed, strerror(errno));
	if (pid == 0)
		program_run(crew, argv, keep, out[1]);
	close(out[1]);
	crew->pids[crew->n_pids++] = pid;
	crew->waiting = waiting;
	read_line(out[0], line, sizeof(line));
	close(out[0]);
	if (strcmp(line, "ready") != 0)
		return cell_fail(crew->cell, "%s does not start: %s", argv[0],
				 line[0] ? line : "no answer");
	return true;
}

bool crew_has_program(const char *name)
{
	const char *path = getenv("PATH");
	char file[4096];

	for (path = path ? path : ""; *path; path += *path == ':') {
		int length = (int)strcspn(path, ":");

		snprintf(file, sizeof(file), "%.*s/%s", length, path, name);
		if (length > 0 && access(file, X_OK) == 0)
			return true;
		path += length;
	}
	return false;
}

/* ---- those who follow ---- */

/* before: what it was, in case the member has left. */
static uint64_t member_cpu_ns(struct crew_seat *seat, uint64_t before)
{
	/* relaxed: it never changes once it is there */
	uint64_t pid = atomic_load_explicit(&seat->pid, memory_order_relaxed);
	struct timespec t;
	clockid_t clock;

	if (!pid || clock_getcpuclockid((pid_t)pid, &clock) != 0 ||
	    clock_gettime(clock, &t) != 0)
		return before;
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Add what the member has done since the last look. */
static void catch_up(const struct crew *crew, struct crew_seat *seat,
		     struct worker *w)
{
	/* [B] pairs with [A] in crew_count */
	uint64_t ops = atomic_load_explicit(&seat->ops, memory_order_acquire);
	uint64_t n = w->turn.ops;

	if (crew->timed) {
		/* Of a member that is too far ahead the newest are left. */
		if (ops - n > CREW_RING)
			n = ops - CREW_RING;
		/* relaxed: see [B]; a newer one is as good a sample */
		for (; n < ops; n++)
			worker_record(w, atomic_load_explicit(
						 &seat->latency[n % CREW_RING],
						 memory_order_relaxed));
	}
	worker_count(w, ops - w->turn.ops);
}

static void say_go(struct crew *crew)
{
	for (unsigned i = 0; i < crew->waiting; i++)
		if (write(crew->go[1], "g", 1) != 1)
			cell_fail(crew->cell, "pipe: %s", strerror(errno));
}

void crew_follow(struct crew *crew, struct worker *w)
{
	struct crew_seat *seat = &crew->board->seats[w->index];
	/* A look a millisecond by half of the crew: the looks of a large crew
	 * must not cost more, and its mean is as exact as that of a small. */
	uint64_t pause = NS_PER_MS * (1 + w->cell->n_workers) / 2;
	uint64_t cpu_ns = 0;

	if (w->index == 0)
		say_go(crew);
	do {
		uint64_t before_ns = cpu_ns;

		sleep_ns(pause);
		catch_up(crew, seat, w);
		cpu_ns = member_cpu_ns(seat, cpu_ns);
		/* relaxed: the controller looks at both ends of the window */
		atomic_fetch_add_explicit(&w->cell->children_cpu_ns,
					  cpu_ns - before_ns,
					  memory_order_relaxed);
	} while (worker_next(w));
}

/* ---- the end ---- */

void crew_stop(struct crew *crew)
{
	/* relaxed: see crew_over */
	if (crew->board)
		atomic_store_explicit(&crew->board->stop, 1,
				      memory_order_relaxed);
}

/* Its status once it has left; -1 if it stays. */
static int wait_for(pid_t pid)
{
	uint64_t deadline = deadline_in(LEAVE_TIMEOUT_MS * NS_PER_MS);
	int status;

	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid)
			return status;
		if ((got < 0 && errno != EINTR) || deadline_passed(deadline))
			return -1;
		sleep_ns(NS_PER_MS);
	}
}

bool crew_verify(struct crew *crew)
{
	struct cell *c = crew->cell;

	crew_stop(crew);
	for (unsigned i = 0; i < crew->n_pids; i++) {
		int status = wait_for(crew->pids[i]);

		if (status < 0)
			return cell_fail(c, "worker process %u does not leave",
					 i);
		crew->pids[i] = 0;
		if (status)
			return cell_fail(
				c, "worker process %u: %s %d", i,
				WIFSIGNALED(status) ? "signal" : "exit status",
				WIFSIGNALED(status) ? WTERMSIG(status)
						    : WEXITSTATUS(status));
	}
	for (unsigned i = 0; i < crew->seats; i++) {
		/* relaxed: its writer has been reaped */
		uint64_t failures = atomic_load_explicit(
			&crew->board->seats[i].failures, memory_order_relaxed);

		if (failures)
			return cell_fail(c,
					 "worker process %u: %" PRIu64
					 " wrong results",
					 i, failures);
	}
	return true;
}

void crew_close(struct crew *crew)
{
	if (!crew->cell)
		return;
	for (unsigned i = 0; i < crew->n_pids; i++)
		child_stop(&crew->pids[i]);
	if (crew->board)
		munmap(crew->board, board_size(crew));
	close(crew->board_fd);
	for (int i = 0; i < 2; i++)
		if (crew->go[i] >= 0)
			close(crew->go[i]);
}
