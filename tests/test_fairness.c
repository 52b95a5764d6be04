/* SPDX-License-Identifier: MIT */
/*
 * Fairness between threads, against values worked out by hand.
 */
#include "../harness/bench/fairness.h"
#include "units.h"

static const double NEAR = 1e-12;

START_TEST(all_alike)
{
	double ops[] = { 7, 7, 7, 7 };
	struct fairness f = fairness_of(ops, 4);

	ck_assert_double_eq_tol(f.jain, 1, NEAR);
	ck_assert_double_eq_tol(f.min_share, 1, NEAR);
	ck_assert_double_eq_tol(f.gini, 0, NEAR);
	ck_assert_double_eq_tol(f.cv, 0, NEAR);
}
END_TEST

START_TEST(one_has_it_all)
{
	double ops[] = { 0, 100, 0, 0 };
	struct fairness f = fairness_of(ops, 4);

	ck_assert_double_eq_tol(f.jain, 0.25, NEAR);
	ck_assert_double_eq_tol(f.min_share, 0, NEAR);
	ck_assert_double_eq_tol(f.gini, 0.75, NEAR);
	ck_assert_double_eq_tol(f.cv, 1.7320508075688772, NEAR);
}
END_TEST

START_TEST(in_between)
{
	/* mean 2; differences of all pairs |x - y| add up to 8 = 2 n^2 mean G
	 */
	double ops[] = { 3, 1, 2 };
	struct fairness f = fairness_of(ops, 3);

	ck_assert_double_eq_tol(f.jain, 36. / 42, NEAR);
	ck_assert_double_eq_tol(f.min_share, 0.5, NEAR);
	ck_assert_double_eq_tol(f.gini, 8. / 36, NEAR);
	ck_assert_double_eq_tol(f.cv, 0.408248290463863, NEAR);
}
END_TEST

START_TEST(nobody_or_nothing)
{
	double ops[] = { 0, 0 };
	struct fairness f = fairness_of(ops, 2);

	ck_assert_double_eq(f.jain, 0);
	ck_assert_double_eq(f.gini, 0);
	ck_assert_double_eq(f.cv, 0);
	f = fairness_of(ops, 0);
	ck_assert_double_eq(f.min_share, 0);
}
END_TEST

UNITS(fairness, all_alike, one_has_it_all, in_between, nobody_or_nothing)
