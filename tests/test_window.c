/* SPDX-License-Identifier: MIT */
/*
 * What makes a window trustworthy, as far as it can be said without timing:
 * layouts, readings of the machine, slopes, and who may run a window.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../harness/bench/exchange.h"
#include "../harness/bench/layout.h"
#include "../harness/bench/machine.h"
#include "../harness/bench/ramp.h"
#include "units.h"

START_TEST(layouts_come_from_the_seed)
{
	unsigned same = 0, odd = 0;

	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct layout a = layout_of(seed), again = layout_of(seed);
		struct layout b = layout_of(seed + 1);

		ck_assert_uint_eq(a.padding, again.padding);
		ck_assert_uint_eq(a.offset, again.offset);
		ck_assert_uint_lt(a.padding, PAGE_BYTES);
		ck_assert_uint_lt(a.offset, PAGE_BYTES);
		ck_assert_uint_eq(a.offset % CACHE_LINE, 0);
		same += a.padding == b.padding || a.offset == b.offset;
		odd += layout_stack(seed, 0) != layout_stack(seed, 1);
		ck_assert_uint_lt(layout_stack(seed, 7), PAGE_BYTES);
		ck_assert_uint_eq(layout_stack(seed, 7) % 16, 0);
	}
	/* offsets have 32 values: about 31 neighbours agree by chance */
	ck_assert_uint_lt(same, 100);
	ck_assert_uint_gt(odd, 900);
}
END_TEST

START_TEST(objects_lie_where_they_are_told)
{
	static const struct implementation id = { .size = CACHE_LINE + 1 };
	const struct registration r = { .id = &id };

	for (size_t offset = 0; offset < PAGE_BYTES; offset += 2 * CACHE_LINE) {
		layout_place_objects(offset);

		char *last = cell_object(&r);

		ck_assert_uint_eq((uintptr_t)last % PAGE_BYTES, offset);
		/* through several blocks */
		for (int i = 0; i < 2000; i++) {
			char *next = cell_object(&r);
			uintptr_t far = next > last ? (uintptr_t)(next - last)
						    : (uintptr_t)(last - next);

			ck_assert_uint_ge(far, 2 * CACHE_LINE);
			ck_assert_uint_eq((uintptr_t)next % CACHE_LINE, 0);
			for (size_t b = 0; b < id.size; b++)
				ck_assert_int_eq(next[b], 0);
			memset(next, 1, id.size);
			last = next;
		}
	}
}
END_TEST

/* In a window of 100 ms on 2 CPUs. */
static double foreign_beside(uint64_t idle_ms, uint64_t steal_ms,
			     uint64_t own_ms, uint64_t switches)
{
	const struct machine_reading before = { .ns = 5 * NS_PER_S,
						.idle_ns = 90 * NS_PER_S,
						.steal_ns = NS_PER_S,
						.own_cpu_ns = 3 * NS_PER_S };
	struct machine_reading after = before;

	after.ns += 100 * NS_PER_MS;
	after.idle_ns += idle_ms * NS_PER_MS;
	after.steal_ns += steal_ms * NS_PER_MS;
	after.own_cpu_ns += own_ms * NS_PER_MS;
	after.own_switches += switches;
	ck_assert_double_eq_tol(machine_steal(&before, &after, 2),
				(double)steal_ms / 200, 1e-9);
	return machine_foreign(&before, &after, 2);
}

static double foreign(uint64_t idle_ms, uint64_t steal_ms, uint64_t own_ms)
{
	return foreign_beside(idle_ms, steal_ms, own_ms, 0);
}

START_TEST(foreign_time_is_what_nobody_else_explains)
{
	ck_assert_double_eq_tol(foreign(100, 0, 50), 0.25, 1e-9);
	ck_assert_double_eq_tol(foreign(0, 0, 100), 0.5, 1e-9);
	ck_assert_double_eq_tol(foreign(0, 40, 100), 0.3, 1e-9);
	ck_assert_double_eq(foreign(100, 0, 100), 0);
	/* rounded to ticks: off by less than one, either way */
	ck_assert_double_eq(foreign(91, 0, 100), 0);
	ck_assert_double_eq(foreign(109, 0, 100), 0);
	ck_assert_double_gt(foreign(88, 0, 100), 0.05);
	/* 20,000 switches in 100 ms: what they cost is our own doing */
	ck_assert_double_gt(foreign(70, 0, 100), 0.1);
	ck_assert_double_lt(foreign_beside(70, 0, 100, 20000), 0.05);
}
END_TEST

START_TEST(the_machine_can_be_read)
{
	struct machine_reading a = machine_read(), b = machine_read();

	ck_assert_uint_gt(a.idle_ns, 0);
	ck_assert_uint_gt(a.own_cpu_ns, 0);
	ck_assert_uint_ge(b.own_cpu_ns, a.own_cpu_ns);
	ck_assert_uint_ge(b.ns, a.ns);
	ck_assert_uint_ge(machine_cpus(), 1);
	ck_assert_double_ge(machine_load(), 0);
	ck_assert_double_gt(machine_step_ns(), 0);
}
END_TEST

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Whether it still runs or has been waited for, and counted once. */
START_TEST(what_a_child_uses_is_our_own)
{
	const uint64_t burnt = 20 * NS_PER_MS;
	uint64_t before = machine_read().own_cpu_ns, alive, reaped;
	int ends[2];
	char done;

	ck_assert_int_eq(pipe(ends), 0);

	pid_t pid = fork();

	if (pid == 0) {
		while (cpu_ns() < burnt)
			;
		(void)!write(ends[1], "", 1);
		pause();
	}
	ck_assert_int_eq(read(ends[0], &done, 1), 1);
	alive = machine_read().own_cpu_ns - before;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	reaped = machine_read().own_cpu_ns - before;
	ck_assert_uint_ge(alive, burnt);
	ck_assert_uint_ge(reaped, burnt);
	ck_assert_uint_lt(reaped, 2 * burnt);
}
END_TEST

/* Slices of 1 ms; each number is what all threads did in one, thousands. */
static double slope(const uint64_t *slices, unsigned n)
{
	struct ramp_mark marks[RAMP_SLICES] = { { 0 } };

	for (unsigned i = 0; i < n; i++) {
		marks[i + 1].ns = (i + 1) * NS_PER_MS;
		marks[i + 1].ops = marks[i].ops + 1000 * slices[i];
	}
	return ramp_slope(marks, n + 1);
}

START_TEST(a_slope_compares_pairs_of_slices)
{
	ck_assert_double_eq_tol(slope((uint64_t[]){ 1, 9, 11, 8, 12 }, 5), 0,
				1e-9);
	ck_assert_double_eq_tol(slope((uint64_t[]){ 1, 5, 5, 6, 6 }, 5), 0.2,
				1e-9);
	ck_assert_double_eq_tol(slope((uint64_t[]){ 9, 9, 8, 8, 6, 6 }, 6),
				-0.25, 1e-9);
	/* too short, or too little done */
	ck_assert(isnan(slope((uint64_t[]){ 1, 5, 5, 6 }, 4)));
	ck_assert(isnan(slope((uint64_t[]){ 1, 5, 5, 0, 0 }, 5)));
	ck_assert(isnan(slope((uint64_t[]){ 0, 0, 0, 0, 0 }, 5)));
}
END_TEST

/* How many slices a ramp has whose threads mark this before it begins. */
static unsigned slices_run(const uint64_t *marks, unsigned n)
{
	struct worker w = { .index = 0 };
	struct cell c = { .n_workers = 1, .workers = &w };
	_Atomic uint32_t phase = RAMP;

	ramp_prepare(&c);
	for (unsigned i = 0; i < n; i++)
		atomic_store_explicit(&w.turn.marks[i], marks[i],
				      memory_order_relaxed);
	ramp_run(&c, 6 * NS_PER_MS, &phase);
	return atomic_load_explicit(&phase, memory_order_relaxed) + 1;
}

/* A million times faster from pair to pair: no clock can make that flat. */
START_TEST(a_ramp_goes_on_until_it_is_flat)
{
	const uint64_t k = 1024;
	const uint64_t rising[] = {
		0, k, k * k, k * k * k, k * k * k * k, k * k * k * k * k
	};

	ck_assert_uint_eq(slices_run(NULL, 0), 6);
	ck_assert_uint_gt(slices_run(rising, 6), 6);
	ck_assert_uint_le(slices_run(rising, 6), RAMP_SLICES);
}
END_TEST

START_TEST(another_layout_is_refused)
{
	struct exchange *x = exchange_new();
	int ends[2];

	ck_assert_ptr_nonnull(x);
	ck_assert_ptr_eq(exchange_of(&x->result), x);
	ck_assert_ptr_nonnull(exchange_take(x->fd));
	ck_assert_uint_eq(x->taken, sizeof(*x));

	/* a campaign of another build, which knows more figures */
	x->taken = 0;
	x->size += 8;
	ck_assert_ptr_null(exchange_take(x->fd));
	ck_assert_int_eq(errno, EPROTO);
	ck_assert_uint_eq(x->taken, sizeof(*x));
	/* one that knows fewer */
	x->size = sizeof(*x) - 8;
	ck_assert_ptr_null(exchange_take(x->fd));
	ck_assert_int_eq(errno, EPROTO);

	x->size = sizeof(*x);
	x->magic++;
	x->taken = 0;
	ck_assert_ptr_null(exchange_take(x->fd));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_uint_eq(x->taken, 0);

	ck_assert_ptr_null(exchange_take(-1));
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_ptr_null(exchange_take(ends[0]));
}
END_TEST

START_TEST(a_program_that_is_no_lab_ends_the_campaign)
{
	struct window_result *r = window_result_new();
	struct window_plan plan = { .measure_ns = NS_PER_MS };
	struct cell c = { .scenario = lab_scenario("mutex_contended"),
			  .name = "futex",
			  .threads = 1 };

	window_executable = "/bin/false";
	ck_assert(window_run(&c, &plan, r));
	ck_assert(r->environment && !r->complete);
	ck_assert_ptr_nonnull(strstr(r->why, "/bin/false took no window"));

	window_executable = "/nowhere/synclab";
	ck_assert(window_run(&c, &plan, r));
	ck_assert(r->environment && !r->complete);
	ck_assert_ptr_nonnull(strstr(r->why, "cannot start /nowhere/synclab"));
}
END_TEST

/* Stands in for the lab: tells how much padding it got. */
START_TEST(a_window_gets_its_padding)
{
	char script[] = "/tmp/synclab-XXXXXX", said[sizeof(script) + 8];
	int fd = mkstemp(script);
	struct window_plan plan = { .measure_ns = NS_PER_MS };
	struct cell c = { .scenario = lab_scenario("mutex_contended"),
			  .name = "futex",
			  .threads = 1,
			  .seed = 42 };
	unsigned long n = 0;

	snprintf(said, sizeof(said), "%s.said", script);
	dprintf(fd, "#!/bin/sh\necho ${#SYNCLAB_PADDING} >%s\n", said);
	fchmod(fd, 0700);
	close(fd);
	window_executable = script;
	ck_assert(window_run(&c, &plan, window_result_new()));

	FILE *f = fopen(said, "r");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%lu", &n), 1);
	fclose(f);
	unlink(script);
	unlink(said);
	ck_assert_uint_eq(n, layout_of(42).padding);
	ck_assert_uint_gt(n, 0);
}
END_TEST

UNITS(window, layouts_come_from_the_seed, objects_lie_where_they_are_told,
      foreign_time_is_what_nobody_else_explains, the_machine_can_be_read,
      what_a_child_uses_is_our_own, a_slope_compares_pairs_of_slices,
      a_ramp_goes_on_until_it_is_flat, another_layout_is_refused,
      a_program_that_is_no_lab_ends_the_campaign, a_window_gets_its_padding)
