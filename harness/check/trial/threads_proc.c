/* SPDX-License-Identifier: MIT */
#include "threads_proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "../../../primitives/sync.h"

static bool contents(pid_t pid, pid_t tid, const char *name, char *text,
		     size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", pid, tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* How many threads the kernel counts: "." and ".." are links as well. */
static long counted(int task)
{
	struct stat s;

	return fstat(task, &s) ? -1 : (long)s.st_nlink - 2;
}

int threads_of(pid_t pid, pid_t *tids, int size)
{
	_Alignas(struct dirent64) char buffer[4096];
	char path[32];
	ssize_t bytes;
	int task, n = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	task = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (task < 0)
		return -1;
	while ((bytes = getdents64(task, buffer, sizeof(buffer))) > 0)
		for (char *p = buffer; p < buffer + bytes;) {
			const struct dirent64 *entry = (void *)p;

			p += entry->d_reclen;
			if (entry->d_name[0] == '.')
				continue;
			if (n < size)
				tids[n] = atoi(entry->d_name);
			n++;
		}
	/* the list ends early where a thread dies while it is read */
	if (counted(task) != n || n > size)
		n = -1;
	close(task);
	return n;
}

static uint64_t number_after(const char *text, const char *key)
{
	const char *p = strstr(text, key);

	return p ? strtoull(p + strlen(key), NULL, 10) : 0;
}

/* "CALL ARGUMENT*6 SP PC", or "-1 SP PC" outside of calls, or "running". */
static void parse_call(const char *text, struct thread_look *look)
{
	char *p;

	look->call = strtol(text, &p, 10);
	if (p == text || look->call < 0) {
		look->call = -1;
		return;
	}
	for (int i = 0; i < 6; i++)
		look->arguments[i] = strtoul(p, &p, 16);
	look->sp = strtoul(p, &p, 16);
	look->pc = strtoul(p, &p, 16);
}

bool thread_look(pid_t pid, pid_t tid, struct thread_look *look)
{
	char text[4096];
	const char *state;

	*look = (struct thread_look){ .tid = tid, .call = -1 };
	if (contents(pid, tid, "syscall", text, sizeof(text)))
		parse_call(text, look);
	if (!contents(pid, tid, "status", text, sizeof(text)))
		return false;
	state = strstr(text, "\nState:\t");
	look->state = state ? state[strlen("\nState:\t")] : '?';
	look->switches = number_after(text, "\nvoluntary_ctxt_switches:\t") +
			 number_after(text, "\nnonvoluntary_ctxt_switches:\t");
	return true;
}

int thread_futex(const struct thread_look *look)
{
	int op = (int)look->arguments[1] & FUTEX_CMD_MASK;

	if (look->call != SYS_futex)
		return -1;
	switch (op) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
	case FUTEX_WAIT_REQUEUE_PI:
		return op;
	default:
		return -1;
	}
}

/* A time limit beyond a year is a way to write "none", as in sync.h. */
static bool limited(pid_t pid, unsigned long timeout)
{
	enum { YEAR_S = 365 * 86400 };
	struct timespec now, t;
	struct iovec to = { &t, sizeof(t) };
	struct iovec from = { (void *)timeout, sizeof(t) };

	if (!timeout)
		return false;
	if (process_vm_readv(pid, &to, 1, &from, 1, 0) != sizeof(t))
		return true;
	/* relative, or of one of two clocks: the later one decides */
	clock_gettime(CLOCK_REALTIME, &now);
	return t.tv_sec < now.tv_sec + YEAR_S;
}

bool thread_sleeps_for_ever(pid_t pid, const struct thread_look *look)
{
	if (look->state != 'S')
		return false;
	if (thread_futex(look) >= 0)
		return !limited(pid, look->arguments[3]);
#ifdef SYS_pause
	if (look->call == SYS_pause)
		return true;
#endif
	if (look->call == SYS_ppoll) /* pause() where there is no such call */
		return look->arguments[1] == 0 && look->arguments[2] == 0;
	return look->call == SYS_rt_sigsuspend;
}
