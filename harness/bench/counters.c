/* SPDX-License-Identifier: MIT */
#include "counters.h"

#include <errno.h>
#include <linux/futex.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "futex_calls.h"

#define TRACING "/sys/kernel/tracing"

static const char *const events[HARDWARE_COUNTERS] = { "perf::CYCLES",
						       "perf::INSTRUCTIONS",
						       "perf::CACHE-MISSES" };

static int hardware[HARDWARE_COUNTERS] = { -1, -1, -1 };
static int traced[FUTEX_CALLS] = { -1, -1 };
static bool own_calls;

/* For this thread and all that it will start, on any CPU. */
static int open_event(struct perf_event_attr *attr)
{
	attr->size = sizeof(*attr);
	attr->inherit = 1;
	attr->inherit_thread = 1; /* not by servers that the scenario forks */
	return (int)syscall(SYS_perf_event_open, attr, 0, -1, -1,
			    PERF_FLAG_FD_CLOEXEC);
}

/* Only the names that the kernel has for any CPU: to look for all that libpfm4
 * knows takes 3 ms, and each window is a process of its own. */
static int know_names(void)
{
	int error;

	setenv("LIBPFM_FORCE_PMU", "perf", 1);
	error = pfm_initialize();
	unsetenv("LIBPFM_FORCE_PMU");
	return error;
}

int counter_open(const char *event, char *why, size_t size)
{
	struct perf_event_attr attr = { 0 };
	pfm_perf_encode_arg_t encoding = { .attr = &attr,
					   .size = sizeof(encoding) };
	int fd, error = know_names();

	if (error == PFM_SUCCESS)
		error = pfm_get_os_event_encoding(event, PFM_PLM0 | PFM_PLM3,
						  PFM_OS_PERF_EVENT, &encoding);
	if (error != PFM_SUCCESS) {
		snprintf(why, size, "libpfm4: %s", pfm_strerror(error));
		return -1;
	}
	attr.read_format =
		PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	fd = open_event(&attr);
	if (fd < 0)
		snprintf(why, size, "perf_event_open: %s%s", strerror(errno),
			 errno == EACCES || errno == EPERM
				 ? ": lower kernel.perf_event_paranoid to 1"
				 : "");
	return fd;
}

/* ---- futex calls, counted by the kernel ---- */

/* "op == 0 || op == 128 || ...": all operations that count as call. */
static void make_filter(enum futex_call call, char *out, size_t size)
{
	static const int flags[] = { 0, FUTEX_PRIVATE_FLAG,
				     FUTEX_CLOCK_REALTIME,
				     FUTEX_PRIVATE_FLAG |
					     FUTEX_CLOCK_REALTIME };
	size_t n = 0;

	for (int op = 0; op <= FUTEX_LOCK_PI2; op++) {
		if (futex_call_of(op) != call)
			continue;
		for (int i = 0; i < 4 && n < size; i++)
			n += (size_t)snprintf(out + n, size - n, "%sop == %d",
					      n ? " || " : "", op | flags[i]);
	}
}

/* The tracepoint's number; 0 where tracefs is not mounted or not readable. */
static uint64_t tracepoint(void)
{
	unsigned long long id = 0;
	FILE *f = fopen(TRACING "/events/syscalls/sys_enter_futex/id", "r");

	if (!f)
		return 0;
	if (fscanf(f, "%llu", &id) != 1)
		id = 0;
	fclose(f);
	return id;
}

static int open_trace(uint64_t id, enum futex_call call)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT,
					.config = id };
	char filter[1000] = "";
	int fd = open_event(&attr);

	make_filter(call, filter, sizeof(filter));
	if (fd >= 0 && ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void trace_futex(void)
{
	uint64_t id = tracepoint();

	if (!id)
		return;
	for (int call = 0; call < FUTEX_CALLS; call++)
		traced[call] = open_trace(id, (enum futex_call)call);
}

static bool tracing(void)
{
	return traced[FUTEX_CALL_WAIT] >= 0 && traced[FUTEX_CALL_WAKE] >= 0;
}

/* ---- readings ---- */

void counters_open(bool own, bool trace)
{
	char why[100];

	own_calls = own;
	for (int i = 0; i < HARDWARE_COUNTERS; i++)
		hardware[i] = counter_open(events[i], why, sizeof(why));
	if (trace)
		trace_futex();
}

void counters_now(struct counter_reading *now)
{
	memset(now, 0, sizeof(*now));
	futex_calls(now->futex);
	for (int call = 0; tracing() && call < FUTEX_CALLS; call++)
		if (read(traced[call], &now->futex[call],
			 sizeof(now->futex[call])) < 0)
			now->futex[call] = 0;
	for (int i = 0; i < HARDWARE_COUNTERS; i++)
		if (hardware[i] >= 0 && read(hardware[i], &now->hardware[i],
					     sizeof(now->hardware[i])) < 0)
			hardware[i] = -1;
}

bool counter_between(const struct counter_value *from,
		     const struct counter_value *to, uint64_t *out)
{
	double enabled = (double)(to->enabled_ns - from->enabled_ns);
	double running = (double)(to->running_ns - from->running_ns);

	if (running <= 0)
		return false;
	*out = (uint64_t)((double)(to->count - from->count) *
				  (enabled / running) +
			  0.5);
	return true;
}

void counters_between(const struct counter_reading *from,
		      const struct counter_reading *to,
		      struct counter_figures *out)
{
	memset(out, 0, sizeof(*out));
	out->futex_known = own_calls || tracing();
	out->futex_waits =
		to->futex[FUTEX_CALL_WAIT] - from->futex[FUTEX_CALL_WAIT];
	out->futex_wakes =
		to->futex[FUTEX_CALL_WAKE] - from->futex[FUTEX_CALL_WAKE];
	for (int i = 0; i < HARDWARE_COUNTERS; i++)
		out->hardware_known[i] =
			counter_between(&from->hardware[i], &to->hardware[i],
					&out->hardware[i]);
}

const char *counters_missing(void)
{
	static char text[400];
	char why[100] = "";
	size_t n = 0;

	for (int i = 0; i < HARDWARE_COUNTERS; i++) {
		int fd = counter_open(events[i], why, sizeof(why));

		if (fd >= 0)
			close(fd);
		else
			n += (size_t)snprintf(text + n, sizeof(text) - n,
					      "%s%s", n ? ", " : "", events[i]);
	}
	if (n)
		n += (size_t)snprintf(text + n, sizeof(text) - n, ": %s", why);
	if (!tracepoint())
		n += (size_t)snprintf(
			text + n, sizeof(text) - n,
			"%sglibc's futex calls: no tracefs at " TRACING,
			n ? "; " : "");
	return n ? text : NULL;
}
