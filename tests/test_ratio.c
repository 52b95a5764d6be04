/* SPDX-License-Identifier: MIT */
/*
 * Ratios: against published tables, by hand, and by simulation from fixed
 * seeds. A tolerance of a simulated share is four standard deviations.
 */
#include <gsl/gsl_randist.h>
#include <math.h>

#include "../harness/bench/ratio.h"
#include "units.h"

enum { MOST = 150 };

static double a[MOST], b[MOST];

static gsl_rng *generator(unsigned long seed)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, seed);
	return rng;
}

/* n pairs whose logs differ by 0.01 times 1..n, the sum of the negative ones
 * being w. */
static void pairs_with_rank_sum(unsigned n, unsigned w)
{
	for (unsigned rank = n; rank > 0; rank--) {
		bool negative = w >= rank;

		w -= negative ? rank : 0;
		a[rank - 1] = exp((negative ? -0.01 : 0.01) * rank);
		b[rank - 1] = 1;
	}
	ck_assert_uint_eq(w, 0);
}

/* Samples of which u of the n m pairs have NEW above BASE. */
static void samples_with_u(unsigned n, unsigned m, unsigned u)
{
	for (unsigned j = 0; j < m; j++)
		b[j] = 100 * (j + 1.0);
	for (unsigned i = 0; i < n; i++) {
		unsigned above = u < m ? u : m;

		a[i] = 100 * above + 50 + i;
		u -= above;
	}
	ck_assert_uint_eq(u, 0);
}

/* The largest statistic at which two-sided 5 % and 1 % are reached: Wilcoxon &
 * Wilcox (1964) and most textbooks. */
START_TEST(signed_rank_is_as_tabulated)
{
	static const int at5[] = { 0,  2,  3,  5,  8,  10, 13, 17,
				   21, 25, 29, 34, 40, 46, 52 };
	static const int at1[] = { -1, -1, 0,  1,  3,  5,  7, 9,
				   12, 15, 19, 23, 27, 32, 37 };

	for (unsigned n = 6; n <= 20; n++)
		for (int w = 0; w <= 60 && w <= (int)(n * (n + 1) / 4); w++) {
			pairs_with_rank_sum(n, (unsigned)w);

			double p = ratio_paired(a, b, n, 0.95).p;

			ck_assert_int_eq(p <= 0.05, w <= at5[n - 6]);
			ck_assert_int_eq(p <= 0.01, w <= at1[n - 6]);
		}
}
END_TEST

/* The same for the rank sum: Mann & Whitney's U, and its symmetry. */
START_TEST(rank_sum_is_as_tabulated)
{
	static const struct {
		unsigned n, m;
		int at5;
	} rows[] = {
		{ 3, 5, 0 },	{ 4, 4, 0 },	 { 4, 10, 5 },
		{ 5, 5, 2 },	{ 5, 8, 6 },	 { 6, 6, 5 },
		{ 6, 9, 10 },	{ 7, 7, 8 },	 { 8, 8, 13 },
		{ 9, 9, 17 },	{ 10, 10, 23 },	 { 11, 11, 30 },
		{ 12, 12, 37 }, { 13, 13, 45 },	 { 14, 14, 55 },
		{ 15, 15, 64 }, { 16, 16, 75 },	 { 17, 17, 87 },
		{ 18, 18, 99 }, { 19, 19, 113 }, { 20, 20, 127 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (unsigned u = 0; u <= rows[i].n * rows[i].m / 2; u++) {
			unsigned n = rows[i].n, m = rows[i].m;

			samples_with_u(n, m, u);

			double p = ratio_unpaired(a, n, b, m, 0.95).p;

			ck_assert_int_eq(p <= 0.05, (int)u <= rows[i].at5);
			ck_assert_double_eq(ratio_unpaired(b, m, a, n, 0.95).p,
					    p);
		}
}
END_TEST

START_TEST(small_cases_are_as_by_hand)
{
	static const double paired[] = { 2, 4, 16 }, ones[] = { 1, 1, 1 };
	static const double new_[] = { 8, 2, 16 }, base[] = { 2, 1 };
	struct ratio r = ratio_paired(paired, ones, 3, 0.7);

	/* powers of 2: 1, 1.5, 2, 2.5, 3, 4; all above: 2 of 8 patterns */
	ck_assert_double_eq_tol(r.value, exp2(2.25), 1e-12);
	ck_assert_double_eq_tol(r.p, 0.25, 1e-15);
	ck_assert_double_eq_tol(r.low, 2, 1e-12);
	ck_assert_double_eq_tol(r.high, 16, 1e-12);
	ck_assert_double_eq_tol(r.level, 0.7, 1e-15);
	ck_assert_uint_eq(r.n, 3);
	ck_assert_uint_eq(r.m, 0);
	/* powers of 2: 0, 1, 2, 3, 3, 4; the 0 counts against: 4 of 10 */
	r = ratio_unpaired(new_, 3, base, 2, 0.6);
	ck_assert_double_eq_tol(r.value, exp2(2.5), 1e-12);
	ck_assert_double_eq_tol(r.p, 0.4, 1e-15);
	ck_assert_double_eq_tol(r.low, 2, 1e-12);
	ck_assert_double_eq_tol(r.high, 8, 1e-12);
	ck_assert_uint_eq(r.n, 3);
	ck_assert_uint_eq(r.m, 2);
}
END_TEST

START_TEST(few_values_resolve_nothing)
{
	struct ratio r = ratio_paired(NULL, NULL, 0, 0.95);

	ck_assert_double_nan(r.value);
	ck_assert_double_eq(r.p, 1);
	ck_assert_double_nan(ratio_single(NULL, 0, 0.95).value);
	pairs_with_rank_sum(6, 0);
	ck_assert_double_nan(ratio_unpaired(a, 3, NULL, 0, 0.95).value);
	for (unsigned n = 1; n <= 6; n++) {
		r = ratio_paired(a, b, n, 0.95);
		ck_assert_double_gt(r.value, 1);
		ck_assert_double_eq_tol(r.p, exp2(1.0 - n), 1e-15);
		ck_assert_int_eq(ratio_verdict(&r),
				 n < 6 ? RATIO_UNRESOLVED : RATIO_ABOVE);
		ck_assert_int_eq(r.low == 0, n < 6);
		ck_assert_int_eq(isinf(r.high), n < 6);
		r = ratio_unpaired(a, n, b, n, 0.95);
		ck_assert_int_eq(ratio_verdict(&r),
				 n < 4 ? RATIO_UNRESOLVED : RATIO_ABOVE);
		r = ratio_single(a, n, 0.95);
		ck_assert_int_eq(isfinite(r.low) && isfinite(r.high), n == 6);
	}
}
END_TEST

/* Which order statistics: the sign test's table, as in Conover's. */
START_TEST(single_takes_order_statistics)
{
	static const struct {
		unsigned n, low;
	} rows[] = { { 6, 1 }, { 9, 2 }, { 10, 2 }, { 20, 6 }, { 50, 18 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned n = rows[i].n;

		/* descending, from n - 5 to -4, and one that does not count */
		for (unsigned j = 0; j < n; j++)
			a[j] = (double)n - 5 - j;
		a[n] = NAN;

		struct ratio r = ratio_single(a, n + 1, 0.95);

		ck_assert_uint_eq(r.n, n);
		ck_assert_double_eq(r.value, (n + 1) / 2.0 - 5);
		ck_assert_double_eq(r.low, rows[i].low - 5.0);
		ck_assert_double_eq(r.high, n + 1.0 - rows[i].low - 5);
	}
	/* n = 50: 6 lie at or below 1, and C(50, 0) + ... + C(50, 6) is */
	ck_assert_double_eq_tol(ratio_single(a, 50, 0.95).p,
				2 * 18260636 * exp2(-50), 1e-18);
}
END_TEST

static void noise(gsl_rng *rng, unsigned n, double shift)
{
	for (unsigned i = 0; i < n; i++) {
		a[i] = shift * exp(gsl_ran_gaussian(rng, 0.1));
		b[i] = exp(gsl_ran_gaussian(rng, 0.1));
	}
}

static void check_inverse(const struct ratio *r, const struct ratio *s)
{
	ck_assert_double_eq_tol(r->value * s->value, 1, 1e-12);
	ck_assert_double_eq_tol(r->low * s->high, 1, 1e-12);
	ck_assert_double_eq_tol(r->high * s->low, 1, 1e-12);
	ck_assert_double_eq(r->p, s->p);
}

static void check_scaled(const struct ratio *r, const struct ratio *s,
			 double by)
{
	ck_assert_double_eq_tol(r->value * by, s->value, 1e-12);
	ck_assert_double_eq_tol(r->low * by, s->low, 1e-12);
	ck_assert_double_eq_tol(r->high * by, s->high, 1e-12);
}

START_TEST(swapping_inverts_and_scaling_scales)
{
	gsl_rng *rng = generator(1);

	for (unsigned n = 6; n <= MOST; n += 12) {
		noise(rng, n, 1.02);

		struct ratio r = ratio_paired(a, b, n, 0.95);
		struct ratio u = ratio_unpaired(a, n, b, n - 1, 0.95);
		struct ratio s = ratio_paired(b, a, n, 0.95);

		check_inverse(&r, &s);
		s = ratio_unpaired(b, n - 1, a, n, 0.95);
		check_inverse(&u, &s);
		for (unsigned i = 0; i < n; i++)
			a[i] *= 3;
		s = ratio_paired(a, b, n, 0.95);
		check_scaled(&r, &s, 3);
		s = ratio_unpaired(a, n, b, n - 1, 0.95);
		check_scaled(&u, &s, 3);
		/* blocks may differ by any factor */
		for (unsigned i = 0; i < n; i++) {
			a[i] *= i + 1e-3;
			b[i] *= 3 * (i + 1e-3);
		}
		s = ratio_paired(a, b, n, 0.95);
		check_scaled(&r, &s, 1);
	}
	gsl_rng_free(rng);
}
END_TEST

START_TEST(unusable_values_are_left_out)
{
	static const double bad[] = { NAN, 0, -1, INFINITY };
	gsl_rng *rng = generator(2);

	noise(rng, 20, 1.1);

	struct ratio r = ratio_paired(a, b, 12, 0.95);
	struct ratio u = ratio_unpaired(a, 12, b, 12, 0.95), s;

	for (unsigned i = 0; i < 8; i++)
		*(i % 2 ? &a[12 + i] : &b[12 + i]) = bad[i / 2];
	s = ratio_paired(a, b, 20, 0.95);
	ck_assert_uint_eq(s.n, 12);
	check_scaled(&r, &s, 1);
	for (unsigned i = 12; i < 20; i++)
		a[i] = b[i] = bad[i % 4];
	s = ratio_unpaired(a, 20, b, 20, 0.95);
	ck_assert_uint_eq(s.n, 12);
	ck_assert_uint_eq(s.m, 12);
	check_scaled(&u, &s, 1);
	gsl_rng_free(rng);
}
END_TEST

/* Rounded figures: equal pairs, and differences of equal size. */
START_TEST(ties_count_against_a_difference)
{
	for (unsigned i = 0; i < 20; i++)
		a[i] = b[i] = 5;

	struct ratio r = ratio_paired(a, b, 20, 0.95);

	ck_assert_double_eq(r.value, 1);
	ck_assert_double_eq(r.p, 1);
	ck_assert_int_eq(ratio_verdict(&r), RATIO_UNRESOLVED);
	r = ratio_unpaired(a, 20, b, 20, 0.95);
	ck_assert_double_eq(r.p, 1);
	ck_assert_int_eq(ratio_verdict(&r), RATIO_UNRESOLVED);
	/* one equal pair is the least of all ranks, on the wrong side */
	pairs_with_rank_sum(6, 1);
	r = ratio_paired(a, b, 6, 0.95);
	a[0] = b[0];
	ck_assert_double_eq(ratio_paired(a, b, 6, 0.95).p, r.p);
	/* of two differences of equal size, the negative one ranks above */
	pairs_with_rank_sum(6, 2);
	r = ratio_paired(a, b, 6, 0.95);
	a[0] = 1 / a[1];
	a[1] = exp(0.02);
	a[0] = exp(-0.02);
	ck_assert_double_eq(ratio_paired(a, b, 6, 0.95).p, r.p);
}
END_TEST

/* At sizes on both sides of the change to the normal approximation. */
START_TEST(interval_and_p_agree)
{
	gsl_rng *rng = generator(3);

	for (unsigned i = 0; i < 1000; i++) {
		unsigned n = 1 + (unsigned)gsl_rng_uniform_int(rng, 40);
		double alpha = exp(-8 * gsl_rng_uniform(rng));

		n += i % 20 ? 0 : 90;
		noise(rng, n, i % 2 ? 1 : 1.05);

		struct ratio r[] = {
			ratio_paired(a, b, n, 1 - alpha),
			ratio_unpaired(a, n, b, n, 1 - alpha),
			ratio_single(a, n, 1 - alpha),
		};

		for (int j = 0; j < 3; j++) {
			ck_assert_int_eq(ratio_verdict(&r[j]) !=
						 RATIO_UNRESOLVED,
					 r[j].p <= alpha);
			ck_assert_double_le(r[j].low, r[j].value);
			ck_assert_double_ge(r[j].high, r[j].value);
		}
	}
	gsl_rng_free(rng);
}
END_TEST

/* P(the sum of a random subset of 1..n is at most w), another way: from counts
 * of all sums, in long double. */
static double subset_sum_tail(unsigned n, unsigned w)
{
	static long double ways[MOST * (MOST + 1) / 2 + 1];
	long double sum = 0;

	memset(ways, 0, sizeof(ways));
	ways[0] = 1;
	for (unsigned rank = 1; rank <= n; rank++)
		for (unsigned s = n * (n + 1) / 2; s >= rank; s--)
			ways[s] += ways[s - rank];
	for (unsigned s = 0; s <= w; s++)
		sum += ways[s];
	return (double)(sum * exp2l(-(long double)n));
}

START_TEST(normal_approximation_is_close_and_cautious)
{
	for (unsigned n = 101; n <= MOST; n += 49)
		for (unsigned w = 0; w <= n * (n + 1) / 4; w += 100) {
			double exact = 2 * subset_sum_tail(n, w);

			pairs_with_rank_sum(n, w);

			double p = ratio_paired(a, b, n, 0.95).p;

			ck_assert_double_gt(p, exact * 0.99);
			if (exact > 0.01)
				ck_assert_double_lt(p, exact * 1.05);
		}
	/* too large for the exact one, which is 0.10729 (Gaussian binomials) */
	samples_with_u(31, 33, 31 * 33 / 2 - 120);
	ck_assert_double_eq_tol(ratio_unpaired(a, 31, b, 33, 0.95).p, 0.10729,
				5e-4);
}
END_TEST

/* What real windows do: skewed and heavy-tailed noise on either side of a pair,
 * and a wild factor a block. */
static double wild(gsl_rng *rng, int shape)
{
	switch (shape) {
	case 0:
		return 1 + gsl_ran_exponential(rng, 0.3);
	case 1:
		return exp(0.1 * gsl_ran_tdist(rng, 2));
	case 2:
		return gsl_ran_pareto(rng, 1.5, 1);
	default: /* an outlier now and then */
		return (gsl_rng_uniform(rng) < 0.1 ? 3 : 1) +
		       gsl_rng_uniform(rng) / 10;
	}
}

START_TEST(intervals_cover)
{
	enum { TRIES = 3000, N = 14 };
	gsl_rng *rng = generator(4);

	for (int shape = 0; shape < 4; shape++) {
		int paired = 0, unpaired = 0, single = 0;

		for (int i = 0; i < TRIES; i++) {
			double c[N], d[N], log_c[N];

			for (int j = 0; j < N; j++) {
				double block = exp(gsl_ran_cauchy(rng, 1));
				double x = wild(rng, shape);
				double y = wild(rng, shape);

				a[j] = 1.07 * x * block;
				b[j] = y * block;
				log_c[j] = log(x / y);
				c[j] = x;
				d[j] = 1.07 * wild(rng, shape);
			}

			struct ratio r = ratio_paired(a, b, N, 0.95);
			struct ratio u = ratio_unpaired(d, N, c, N, 0.95);
			struct ratio s = ratio_single(log_c, N, 0.95);

			paired += r.low <= 1.07 && 1.07 <= r.high;
			unpaired += u.low <= 1.07 && 1.07 <= u.high;
			single += s.low <= 0 && 0 <= s.high;
		}
		/* the exact coverage: 1 - 2 P(W <= 21), U <= 55, binomial 2 */
		ck_assert_double_eq_tol((double)paired / TRIES, 0.9506, 0.016);
		ck_assert_double_eq_tol((double)unpaired / TRIES, 0.9503,
					0.016);
		ck_assert_double_eq_tol((double)single / TRIES, 0.9871, 0.009);
	}
	gsl_rng_free(rng);
}
END_TEST

/* C. Clopper & E. Pearson, Biometrika 26 (1934), their own example: 3 of 10 */
START_TEST(shares_are_as_tabulated)
{
	struct ratio r = ratio_share(3, 10, 0.95);

	ck_assert_double_eq_tol(r.value, 0.3, 1e-12);
	ck_assert_double_eq_tol(r.low, 0.0667, 1e-4);
	ck_assert_double_eq_tol(r.high, 0.6525, 1e-4);
	r = ratio_share(0, 100, 0.95);
	ck_assert_double_eq(r.low, 0);
	ck_assert_double_eq_tol(r.high, 0.0362, 1e-4);
	ck_assert_double_eq(ratio_share(100, 100, 0.95).high, 1);
	ck_assert(isnan(ratio_share(0, 0, 0.95).value));
}
END_TEST

START_TEST(ratios_of_deviations_are_ratios_of_spreads)
{
	enum { N = 60 };
	gsl_rng *rng = generator(5);

	for (int i = 0; i < N; i++) {
		a[i] = 700 * exp(gsl_ran_gaussian(rng, 0.10));
		b[i] = 3 * exp(gsl_ran_gaussian(rng, 0.01));
	}
	a[7] = NAN;
	b[8] = 0;
	ratio_deviations(a, N);
	ratio_deviations(b, N);
	ck_assert(isnan(a[7]) && isnan(b[8]));

	struct ratio r = ratio_paired(a, b, N, 0.999);

	ck_assert(r.low > 3 && r.low < 10 && r.high > 10);
	gsl_rng_free(rng);
}
END_TEST

UNITS(ratio, signed_rank_is_as_tabulated, rank_sum_is_as_tabulated,
      small_cases_are_as_by_hand, few_values_resolve_nothing,
      single_takes_order_statistics, swapping_inverts_and_scaling_scales,
      unusable_values_are_left_out, ties_count_against_a_difference,
      interval_and_p_agree, normal_approximation_is_close_and_cautious,
      intervals_cover, shares_are_as_tabulated,
      ratios_of_deviations_are_ratios_of_spreads)
