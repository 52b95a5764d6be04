/* SPDX-License-Identifier: MIT */
/*
 * Expectations: what is reproduced, contradicted or not resolved, and that a
 * summary finds the figures for it.
 */
#include <math.h>
#include <stdlib.h>

#include "../harness/bench/summary.h"
#include "units.h"

static struct campaign campaign;
static struct campaign_cell cells[2];
static struct summary *summary;

/* Two cells with so many blocks: the first has rates of 1000 +- 1 %, the second
 * half of that. */
static void make(unsigned blocks)
{
	memset(cells, 0, sizeof(cells));
	cells[0].path = (char *)(uintptr_t) "mutex/a/mutex_contended/t:2";
	cells[1].path = (char *)(uintptr_t) "mutex/b/mutex_contended/t:2";
	campaign = (struct campaign){ .cells = cells, .n = 2 };
	for (int i = 0; i < 2; i++) {
		cells[i].cell.scenario = lab_scenario("mutex_contended");
		cells[i].cell.threads = 2;
	}
	free(summary);
	summary = summary_new(&campaign);
	for (unsigned b = 0; b < blocks; b++)
		for (size_t i = 0; i < 2; i++) {
			struct row row = { .cell = &cells[i],
					   .complete = true,
					   .verified = true };

			for (int f = 0; f < FIGURES; f++)
				row.figures[f] = NAN;
			row.context.block = b;
			row.figures[OPS_PER_S] =
				(1000 + 10 * sin(b)) / (double)(1 + i);
			summary_add(summary, i, &row, NULL);
		}
}

static enum outcome judge(struct expectation e)
{
	char text[400];

	ck_assert_msg(expect_resolve(&campaign, &e, text, sizeof(text)), "%s",
		      text);
	return expect_judge(summary, &e, 0.95, text, sizeof(text));
}

static struct expectation ratio(double above, double below)
{
	return (struct expectation){ .title = "x",
				     .figure = "ops_per_s",
				     .of = "a",
				     .over = "mutex/b t:2",
				     .above = above,
				     .below = below,
				     .bounded = true };
}

START_TEST(an_interval_within_the_bounds_reproduces)
{
	make(10);
	ck_assert_int_eq(judge(ratio(1.8, 2.2)), REPRODUCED);
	ck_assert_int_eq(judge(ratio(1.8, INFINITY)), REPRODUCED);
}
END_TEST

START_TEST(an_interval_outside_contradicts)
{
	make(10);
	ck_assert_int_eq(judge(ratio(2.5, INFINITY)), CONTRADICTED);
	ck_assert_int_eq(judge(ratio(-INFINITY, 1.5)), CONTRADICTED);
}
END_TEST

START_TEST(too_few_blocks_resolve_nothing)
{
	make(4);
	ck_assert_int_eq(judge(ratio(1.8, 2.2)), UNRESOLVED);
	ck_assert_int_eq(judge(ratio(2.5, INFINITY)), UNRESOLVED);
	make(0);
	ck_assert_int_eq(judge(ratio(1.8, 2.2)), UNRESOLVED);
}
END_TEST

START_TEST(a_single_figure_is_judged_by_itself)
{
	struct expectation e = ratio(980, 1020);

	make(12);
	e.over = NULL;
	ck_assert_int_eq(judge(e), REPRODUCED);
	e.below = 900;
	e.above = -INFINITY;
	ck_assert_int_eq(judge(e), CONTRADICTED);
	e.figure = "p50_ns"; /* which they do not have */
	ck_assert_int_eq(judge(e), UNRESOLVED);
}
END_TEST

/* The first cell wanders by 1 %, the second stays within a thousandth. */
START_TEST(spreads_can_be_compared)
{
	struct expectation e = ratio(3, 40);

	make(40);
	for (unsigned b = 0; b < 40; b++)
		summary->cells[1].rows[b].figures[OPS_PER_S] =
			500 + 0.5 * sin(3 * b);
	e.spread = true;
	ck_assert_int_eq(judge(e), REPRODUCED);
	e = ratio(-INFINITY, 1);
	e.spread = true;
	ck_assert_int_eq(judge(e), CONTRADICTED);
}
END_TEST

START_TEST(twins_are_counted)
{
	struct expectation e = { .title = "x",
				 .figure = "twins_apart",
				 .of = "campaign",
				 .above = -INFINITY,
				 .below = 0.5,
				 .bounded = true };
	char text[400];

	make(8);
	ck_assert(!expect_resolve(&campaign, &e, text, sizeof(text)));
	ck_assert_msg(strstr(text, "twin_every"), "%s", text);
	cells[1].twin = true;
	/* one pair, and that is apart */
	ck_assert_int_eq(judge(e), UNRESOLVED);
	expect_resolve(&campaign, &e, text, sizeof(text));
	expect_judge(summary, &e, 0.95, text, sizeof(text));
	ck_assert_msg(strncmp(text, "1 [0.025, 1]", 12) == 0, "%s", text);
	make(5); /* too few to tell */
	cells[1].twin = true;
	expect_judge(summary, &e, 0.95, text, sizeof(text));
	ck_assert_msg(strstr(text, "no figure"), "%s", text);
}
END_TEST

START_TEST(a_mode_tells_cells_apart)
{
	struct expectation e = ratio(0, 1);
	char text[400];

	make(1);
	cells[1].path = (char *)(uintptr_t) "mutex/a/mutex_contended/t:2/fixed";
	cells[1].mode = FIXED;
	e.over = NULL;
	ck_assert(!expect_resolve(&campaign, &e, text, sizeof(text)));
	e.of = "a throughput";
	ck_assert(expect_resolve(&campaign, &e, text, sizeof(text)));
	ck_assert_uint_eq(e.cell, 0);
	e.of = "a fixed";
	ck_assert(expect_resolve(&campaign, &e, text, sizeof(text)));
	ck_assert_uint_eq(e.cell, 1);
}
END_TEST

START_TEST(states_are_expected_of_every_window)
{
	struct expectation e = {
		.title = "x", .of = "b", .state = "failed", .why = "lost|gone"
	};
	struct row row = { .cell = &cells[1], .state = ROW_FAILED };

	make(0);
	ck_assert_int_eq(judge(e), UNRESOLVED);
	strcpy(row.why, "2 sections were lost");
	summary_add(summary, 1, &row, NULL);
	ck_assert_int_eq(judge(e), REPRODUCED);
	strcpy(row.why, "hang");
	row.context.block = 1;
	summary_add(summary, 1, &row, NULL);
	ck_assert_int_eq(judge(e), CONTRADICTED);
}
END_TEST

START_TEST(spoilt_windows_leave_gaps)
{
	struct row row = { .cell = &cells[0], .state = ROW_SPOILT };
	double *values;

	make(3);
	row.context.block = 3;
	summary_add(summary, 0, &row, NULL);
	values = summary_values(summary, 0, "ops_per_s");
	ck_assert_int_eq(summary->blocks, 4);
	ck_assert(!isnan(values[2]));
	ck_assert(isnan(values[3]));
	ck_assert_int_eq(summary_count(summary).gaps, 1);
	free(values);
}
END_TEST

UNITS(expect, an_interval_within_the_bounds_reproduces,
      an_interval_outside_contradicts, too_few_blocks_resolve_nothing,
      a_single_figure_is_judged_by_itself, spreads_can_be_compared,
      twins_are_counted, a_mode_tells_cells_apart,
      states_are_expected_of_every_window, spoilt_windows_leave_gaps)
