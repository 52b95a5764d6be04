/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "recorder.h"

static uint64_t tick_ns(void)
{
	return NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
}

static void read_stat(struct machine_reading *r)
{
	unsigned long long idle = 0, disk = 0, steal = 0;
	FILE *f = fopen("/proc/stat", "r");

	if (!f)
		return;
	/* user nice system IDLE DISK irq softirq STEAL */
	if (fscanf(f, "cpu %*u %*u %*u %llu %llu %*u %*u %llu", &idle, &disk,
		   &steal) == 3) {
		r->idle_ns = (idle + disk) * tick_ns();
		r->steal_ns = steal * tick_ns();
	}
	fclose(f);
}

static void add_usage(struct machine_reading *m, int who)
{
	struct rusage r;

	getrusage(who, &r);
	m->own_cpu_ns +=
		(uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * NS_PER_S +
		(uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * NS_PER_US;
	m->own_switches += (uint64_t)(r.ru_nvcsw + r.ru_nivcsw);
}

/* Of a process that has not been waited for yet. */
static uint64_t process_ns(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &t))
		return 0;
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Of all that the process's first thread has started, as setup does, and that
 * is still there; what a worker starts is known once it has been waited for. */
static uint64_t children_ns(pid_t pid, int generations)
{
	char path[64];
	uint64_t sum = 0;
	int child;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	while (fscanf(f, "%d", &child) == 1) {
		sum += process_ns(child);
		if (generations > 1)
			sum += children_ns(child, generations - 1);
	}
	fclose(f);
	return sum;
}

struct machine_reading machine_read(void)
{
	enum { GENERATIONS = 3 }; /* an interpreter, its processes, theirs */
	struct machine_reading r = { 0 };

	add_usage(&r, RUSAGE_SELF);
	add_usage(&r, RUSAGE_CHILDREN);
	r.own_cpu_ns += children_ns(getpid(), GENERATIONS);
	r.ns = now_ns();
	read_stat(&r);
	return r;
}

unsigned machine_cpus(void)
{
	return (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
}

/* What a counter has grown by; one that fell back was rounded or is unknown. */
static double grown(uint64_t before, uint64_t after)
{
	return after > before ? (double)(after - before) : 0;
}

double machine_steal(const struct machine_reading *before,
		     const struct machine_reading *after, unsigned cpus)
{
	return grown(before->steal_ns, after->steal_ns) /
	       (grown(before->ns, after->ns) * cpus);
}

/* The kernel's part of a switch that it books on no thread: 1.1 to 1.35 us
 * each, measured with 65,000 and 184,000 switches a second on an idle machine.
 */
enum { SWITCH_NS = 1350 };

double machine_foreign(const struct machine_reading *before,
		       const struct machine_reading *after, unsigned cpus)
{
	double all = grown(before->ns, after->ns) * cpus;
	double foreign =
		all - grown(before->idle_ns, after->idle_ns) -
		grown(before->steal_ns, after->steal_ns) -
		grown(before->own_cpu_ns, after->own_cpu_ns) -
		SWITCH_NS * grown(before->own_switches, after->own_switches);

	return foreign > (double)tick_ns() ? foreign / all : 0;
}

double machine_load(void)
{
	double load = 0;

	(void)!getloadavg(&load, 1);
	return load;
}

double machine_step_ns(void)
{
	enum { TRIES = 5, NS = 50000 };
	uint32_t steps = (uint32_t)(NS / work_step_ns);
	uint64_t best = UINT64_MAX;

	/* the least: whatever disturbs only makes it longer */
	for (int i = 0; i < TRIES; i++) {
		uint64_t start = now_ns();

		section_work(steps);

		uint64_t ns = now_ns() - start;

		if (ns < best)
			best = ns;
	}
	return (double)best / steps;
}
