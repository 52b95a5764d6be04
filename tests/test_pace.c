/* SPDX-License-Identifier: MIT */
/*
 * Windows of the modes that write down the order or set a pace: the figures
 * that do not depend on how fast the machine is.
 */
#include "../harness/bench/window_child.h"
#include "../harness/registry.h"
#include "units.h"

static struct window_result result;

static void window_of(const char *scenario, unsigned threads,
		      const struct window_plan *plan)
{
	static struct cell cell;
	const struct scenario *s = lab_scenario(scenario);

	cell = (struct cell){ .scenario = s,
			      .implementation = lab_find(s->kind, "futex"),
			      .name = "futex",
			      .threads = threads,
			      .seed = 1 };
	for (int i = 0; i < PARAMS_MAX; i++)
		cell.values[i] = s->params[i].value;
	window_calibrate();
	window_child(&cell, plan, &result);
}

static void run(const char *scenario, unsigned threads,
		const struct window_plan *plan)
{
	window_of(scenario, threads, plan);
	ck_assert_msg(result.complete && result.verified, "%s: %s", scenario,
		      result.why);
}

static struct window_plan of_mode(enum window_mode mode)
{
	return (struct window_plan){ .ramp_ns = 5 * NS_PER_MS,
				     .measure_ns = 50 * NS_PER_MS,
				     .mode = mode,
				     .rate_per_s = 2000,
				     .ops = 300 };
}

START_TEST(order_windows_write_down_all)
{
	struct window_plan plan = of_mode(ORDER);

	run("mutex_contended", 3, &plan);
	ck_assert_uint_gt(result.order.samples, 0);
	ck_assert(result.order.self_known);
	ck_assert_double_le(result.order.self_handover, 1);
	ck_assert_double_ge(result.order.dice, 0.5);
}
END_TEST

START_TEST(throughput_windows_know_the_last_holder)
{
	struct window_plan plan = of_mode(THROUGHPUT);

	run("mutex_contended", 1, &plan);
	ck_assert(result.order.self_known);
	/* but for the very first */
	ck_assert_double_ge(result.order.self_handover * (double)result.ops,
			    (double)result.ops - 1.5);
	ck_assert_uint_eq(result.order.samples, 0);
	ck_assert_uint_eq(result.service.total, 0);
}
END_TEST

START_TEST(open_windows_time_each_operation)
{
	struct window_plan plan = of_mode(OPEN);

	run("mutex_contended", 2, &plan);
	ck_assert_uint_gt(result.ops, 0);
	ck_assert_uint_eq(result.service.total, result.latency.total);
	ck_assert_uint_eq(result.inside.total, result.latency.total);
	/* late or not, an operation is never faster than its service */
	ck_assert(result.latency.sum >= result.service.sum);
	/* some 100 are due; flat out it would be a hundred thousand */
	ck_assert_uint_lt(result.ops, 5000);
}
END_TEST

/* A schedule that nothing can keep. */
START_TEST(being_late_is_part_of_the_latency)
{
	struct window_plan plan = of_mode(OPEN);

	plan.rate_per_s = 100 * NS_PER_S;
	run("mutex_contended", 2, &plan);
	ck_assert_double_gt(result.latency.sum, result.service.sum);
	ck_assert_ptr_nonnull(strstr(result.note, "fell behind"));
}
END_TEST

START_TEST(open_windows_time_kit_scenarios)
{
	struct window_plan plan = of_mode(OPEN);

	run("counter_add", 2, &plan);
	ck_assert_uint_gt(result.ops, 0);
	ck_assert_uint_eq(result.service.total, result.latency.total);
}
END_TEST

START_TEST(fixed_windows_do_what_was_asked)
{
	struct window_plan plan = of_mode(FIXED);

	run("mutex_contended", 3, &plan);
	ck_assert_uint_eq(result.ops, 900);
	ck_assert_double_eq_tol(result.jain, 1, 1e-12);
	ck_assert_double_le(result.overlap, 1);
	ck_assert_uint_gt(result.window_ns, 0);
}
END_TEST

START_TEST(unsynced_windows_too)
{
	struct window_plan plan = of_mode(UNSYNCED);

	run("pool_sha256", 2, &plan); /* with a driver that only stop ends */
	ck_assert_uint_eq(result.ops, 600);
	ck_assert_uint_gt(result.window_ns, 0);
}
END_TEST

/* It asks for the next item while it holds the last one. */
START_TEST(not_all_scenarios_have_an_open_form)
{
	struct window_plan plan = of_mode(OPEN);

	window_of("queue_transfer", 2, &plan);
	ck_assert(result.skipped);
	ck_assert_ptr_nonnull(strstr(result.why, "no open form"));
}
END_TEST

UNITS(pace, order_windows_write_down_all,
      throughput_windows_know_the_last_holder, open_windows_time_each_operation,
      being_late_is_part_of_the_latency, open_windows_time_kit_scenarios,
      not_all_scenarios_have_an_open_form, fixed_windows_do_what_was_asked,
      unsynced_windows_too)
