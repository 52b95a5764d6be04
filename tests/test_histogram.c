/* SPDX-License-Identifier: MIT */
/*
 * The histogram against sorted samples.
 */
#include <stdlib.h>

#include "../harness/bench/histogram.h"
#include "units.h"

static struct histogram h, other;

START_TEST(small_values_are_exact)
{
	h = (struct histogram){ 0 };
	for (uint64_t i = 0; i < 64; i++)
		histogram_add(&h, i);
	ck_assert_int_eq(h.total, 64);
	ck_assert_int_eq(histogram_quantile(&h, 0.5), 31);
	ck_assert_int_eq(histogram_quantile(&h, 1), 63);
	ck_assert_int_eq(histogram_quantile(&h, 0), 0);
}
END_TEST

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

START_TEST(quantiles_are_within_two_percent)
{
	static uint64_t values[20000];
	uint64_t x = 88172645463325252u;

	h = (struct histogram){ 0 };
	for (int i = 0; i < 20000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		/* from 1 ns to 34 s, about as often in each power of two */
		values[i] = (x >> 29) >> (x & 31);
		histogram_add(&h, values[i]);
	}
	qsort(values, 20000, sizeof(values[0]), compare);
	for (int q = 1; q < 100; q++) {
		double exact = (double)values[200 * q - 1];
		double got = (double)histogram_quantile(&h, q / 100.0);

		ck_assert_double_ge_tol(got, exact * 0.98 - 1, 0);
		ck_assert_double_le_tol(got, exact * 1.02 + 1, 0);
	}
}
END_TEST

START_TEST(merging_adds_up)
{
	h = (struct histogram){ 0 };
	other = (struct histogram){ 0 };
	histogram_add(&h, 100);
	histogram_add(&other, 3000);
	histogram_add(&other, 5);
	histogram_merge(&h, &other);
	ck_assert_int_eq(h.total, 3);
	ck_assert_int_eq(h.max, 3000);
	ck_assert_double_eq_tol(histogram_mean(&h), 1035, 1e-9);
}
END_TEST

START_TEST(too_long_is_kept_as_the_maximum)
{
	h = (struct histogram){ 0 };
	histogram_add(&h, UINT64_MAX);
	ck_assert_uint_eq(h.max, UINT64_MAX);
	ck_assert_int_eq(h.counts[HISTOGRAM_BUCKETS - 1], 1);
}
END_TEST

START_TEST(text_ends_at_one_and_counts_all)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	h = (struct histogram){ 0 };
	for (uint64_t i = 1; i <= 1000; i++)
		histogram_add(&h, i * 1000);
	histogram_print(&h, f);
	fclose(f);
	ck_assert_ptr_nonnull(strstr(text, "1.000000000000       1000\n"));
	ck_assert_ptr_nonnull(strstr(text, "Total count = 1000]"));
	free(text);
}
END_TEST

UNITS(histogram, small_values_are_exact, quantiles_are_within_two_percent,
      merging_adds_up, too_long_is_kept_as_the_maximum,
      text_ends_at_one_and_counts_all)
