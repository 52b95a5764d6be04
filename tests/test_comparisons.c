/* SPDX-License-Identifier: MIT */
/*
 * Tables of comparisons: how many verdicts and intervals are wrong, by
 * simulation from fixed seeds, and the correction by hand. A tolerance of a
 * simulated share is four standard deviations.
 */
#include <gsl/gsl_randist.h>
#include <math.h>

#include "../harness/bench/ratio.h"
#include "units.h"

static gsl_rng *generator(unsigned long seed)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, seed);
	return rng;
}

enum { TABLE = 50, PAIRS = 20 };

static struct comparison table[TABLE];
static double new_[TABLE][PAIRS], base[TABLE][PAIRS];

/* Noise of 1 % on either side; the first few are 3 % off. */
static void make_table(gsl_rng *rng, size_t shifted)
{
	for (size_t i = 0; i < TABLE; i++) {
		for (size_t j = 0; j < PAIRS; j++) {
			new_[i][j] = (i < shifted ? 1.03 : 1) *
				     exp(gsl_ran_gaussian(rng, 0.01));
			base[i][j] = exp(gsl_ran_gaussian(rng, 0.01));
		}
		table[i] = (struct comparison){ .new_ = new_[i],
						.base = base[i],
						.n = PAIRS,
						.paired = true };
	}
}

START_TEST(tables_of_twins_are_rarely_wrong)
{
	enum { TRIES = 400 };
	gsl_rng *rng = generator(5);
	int wrong = 0;

	for (int i = 0; i < TRIES; i++) {
		size_t resolved = 0;

		make_table(rng, 0);
		ratio_correct(table, TABLE, 0.05);
		for (size_t j = 0; j < TABLE; j++)
			resolved += table[j].verdict != RATIO_UNRESOLVED;
		wrong += resolved > 0;
	}
	ck_assert_double_le((double)wrong / TRIES, 0.05 + 0.044);
	ck_assert_int_gt(wrong, 0);
	gsl_rng_free(rng);
}
END_TEST

START_TEST(real_shifts_are_resolved_and_covered)
{
	enum { TRIES = 100, SHIFTED = 25 };
	gsl_rng *rng = generator(6);
	double false_share = 0, missed_share = 0;
	int found = 0;

	for (int i = 0; i < TRIES; i++) {
		int resolved = 0, wrong = 0, missed = 0;

		make_table(rng, SHIFTED);
		ratio_correct(table, TABLE, 0.05);
		for (size_t j = 0; j < TABLE; j++) {
			const struct comparison *c = &table[j];
			double truth = j < SHIFTED ? 1.03 : 1;

			if (c->verdict == RATIO_UNRESOLVED)
				continue;
			resolved++;
			found += j < SHIFTED && c->verdict == RATIO_ABOVE;
			wrong += j >= SHIFTED;
			missed += c->ratio.low > truth || c->ratio.high < truth;
		}
		ck_assert_int_gt(resolved, 0);
		false_share += (double)wrong / resolved / TRIES;
		missed_share += (double)missed / resolved / TRIES;
	}
	ck_assert_int_ge(found, TRIES * SHIFTED * 95 / 100);
	/* each resolved with about 25 others: 0.03 at most a table */
	ck_assert_double_le(false_share, 0.05 + 0.016);
	ck_assert_double_le(missed_share, 0.05 + 0.016);
	ck_assert_double_gt(false_share, 0.01);
	gsl_rng_free(rng);
}
END_TEST

enum { FEW = 15 };

static const double ones[FEW] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
static const double up[FEW] = { 1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 1.07, 1.08,
				1.09, 1.1,  1.11, 1.12, 1.13, 1.14, 1.15 };
static const double either[FEW] = { 1.5, 0.6, 1.5, 0.6, 1.5, 0.6, 1.5, 0.6,
				    1.5, 0.6, 1.5, 0.6, 1.5, 0.6, 1.5 };

static struct comparison pairs(const double *x, const double *y, unsigned n)
{
	return (struct comparison){
		.new_ = x, .base = y, .n = n, .paired = true
	};
}

/* All pairs of the first few comparisons agree. Is that enough for these, and
 * only these, to be resolved? */
static void check_correction(size_t m, size_t differ, unsigned n, bool enough)
{
	static struct comparison wide[500];
	double resolved = enough ? (double)differ : 1;

	for (size_t i = 0; i < m; i++)
		wide[i] = pairs(i < differ ? up : either, ones, n);
	ratio_correct(wide, m, 0.05);
	for (size_t i = 0; i < m; i++) {
		bool above = wide[i].verdict == RATIO_ABOVE;

		ck_assert_int_eq(above, enough && i < differ);
		ck_assert_int_ne(wide[i].verdict, RATIO_BELOW);
		ck_assert_double_eq_tol(wide[i].ratio.level,
					1 - resolved * 0.05 / (double)m, 1e-12);
		ck_assert_int_eq(isfinite(wide[i].ratio.high), enough);
	}
}

START_TEST(correction_is_as_ratio_h_says)
{
	static const struct {
		size_t m, differ;
		unsigned n; /* the least that resolves */
	} rows[] = {
		{ 1, 1, 6 },   { 10, 1, 9 },   { 50, 1, 11 },  { 50, 2, 10 },
		{ 50, 50, 6 }, { 100, 1, 12 }, { 100, 4, 10 }, { 500, 1, 15 },
		{ 20, 1, 10 }, { 20, 3, 9 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (unsigned n = 5; n <= FEW; n++)
			check_correction(rows[i].m, rows[i].differ, n,
					 n >= rows[i].n);
}
END_TEST

START_TEST(comparisons_without_data_do_not_count)
{
	gsl_rng *rng = generator(8);

	make_table(rng, 1);
	gsl_rng_free(rng);
	table[1].n = 0;
	table[2].paired = false;
	ratio_correct(table, 4, 0.05); /* two with data */
	ck_assert_int_eq(table[0].verdict, RATIO_ABOVE);
	ck_assert_double_eq_tol(table[0].ratio.level, 0.975, 1e-12);
	ck_assert_int_eq(table[1].verdict, RATIO_UNRESOLVED);
	ck_assert_double_nan(table[1].ratio.value);
	ck_assert_double_nan(table[2].ratio.value);
	ratio_correct(table, 0, 0.05);
}
END_TEST

START_TEST(later_looks_keep_verdicts_and_spend_the_rest)
{
	double spent = 0;

	for (unsigned k = 1; k <= 1000; k++)
		spent += ratio_look(0.05, k);
	ck_assert_double_eq_tol(spent, 0.05 * 1000 / 1001, 1e-12);
	ck_assert_double_eq(ratio_look(0.05, 1), 0.025);

	/* p = 1/64 is enough for one of two at 5 %, 1/16 is not */
	table[0] = pairs(up, ones, 7);
	table[1] = pairs(ones, up, 5);
	ratio_correct(table, 2, 0.05);
	ck_assert_int_eq(table[0].verdict, RATIO_ABOVE);
	ck_assert_int_eq(table[1].verdict, RATIO_UNRESOLVED);

	/* at 1.25 % it no longer would be, but it counts: 1/128 <= 2 q / 2 */
	struct ratio first = table[0].ratio;

	table[0].new_ = either;
	table[1].n = 8;
	ratio_correct(table, 2, 0.0125);
	ck_assert_int_eq(table[0].verdict, RATIO_ABOVE);
	ck_assert_double_eq(table[0].ratio.low, first.low);
	ck_assert_double_eq(table[0].ratio.level, first.level);
	ck_assert_int_eq(table[1].verdict, RATIO_BELOW);
	ck_assert_double_eq_tol(table[1].ratio.level, 0.9875, 1e-12);
}
END_TEST

UNITS(comparisons, tables_of_twins_are_rarely_wrong,
      real_shifts_are_resolved_and_covered, correction_is_as_ratio_h_says,
      comparisons_without_data_do_not_count,
      later_looks_keep_verdicts_and_spend_the_rest)
