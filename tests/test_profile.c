/* SPDX-License-Identifier: MIT */
/*
 * The profile's arithmetic, on ticks and figures that are known.
 */
#include <math.h>
#include <stdlib.h>

#include "../harness/preload/profile/times.h"
#include "../harness/run/profile_fit.h"
#include "units.h"

START_TEST(few_ticks_are_exact)
{
	for (unsigned i = 0; i < TIMES_SUB; i++) {
		ck_assert_uint_eq(times_bucket(i), i);
		ck_assert_double_eq(times_middle(i), i);
	}
}
END_TEST

START_TEST(middles_are_within_six_percent)
{
	uint64_t x = 88172645463325252u;

	for (int i = 0; i < 100000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		/* 8 .. 2^43, about as often in each power of two */
		uint64_t t = 8 + (x >> 21 >> (x % 40));
		double middle = times_middle(times_bucket(t));

		ck_assert_double_ge_tol(middle, (double)t * 0.94 - 1, 0);
		ck_assert_double_le_tol(middle, (double)t * 1.063 + 1, 0);
	}
}
END_TEST

START_TEST(buckets_rise)
{
	for (unsigned i = 1; i < TIMES_BUCKETS; i++) {
		ck_assert_double_gt(times_middle(i), times_middle(i - 1));
		ck_assert_uint_eq(times_bucket((uint64_t)times_middle(i)), i);
	}
	ck_assert_uint_eq(times_bucket(UINT64_MAX), TIMES_BUCKETS - 1);
}
END_TEST

START_TEST(ticks_are_told_by_two_clocks)
{
	struct pace_of_ticks from = { 1000, 50 }, to = { 4000, 1050 };

	ck_assert_double_eq_tol(ticks_per_ns(from, to), 3, 1e-9);
	ck_assert_double_eq_tol(ticks_per_ns(to, to), 1, 1e-9);
}
END_TEST

/* ---- the fit ---- */

enum { LOCKS = 5 };

static struct histogram hold, gap;
static struct raw_origin origin;
static struct raw_object objects[LOCKS];
static struct raw profile;

/* The first lock has 60 % of the sections, three 13 %, the last next to none;
 * two threads each, of three. */
static void make(enum raw_kind kind)
{
	static const unsigned uses[LOCKS] = { 600, 130, 133, 133, 4 };

	memset(&hold, 0, sizeof(hold));
	memset(&gap, 0, sizeof(gap));
	for (uint64_t i = 0; i < 1000; i++) {
		histogram_add(&hold, 100 + i);
		histogram_add(&gap, 10000 + 10 * i);
	}
	origin = (struct raw_origin){ .kind = kind,
				      .gap = &gap,
				      .gap_burnt_ns = 25,
				      .gap_burnt_of_ns = 100 };
	for (int i = 0; i < LOCKS; i++)
		objects[i] = (struct raw_object){
			.origin = &origin,
			.writes = uses[i],
			.contended = 10,
			.waited_ns = 500,
			.threads = { i % 2 ? 3 : 6 },
			.sites = { { 0x1000, 200 } },
			.n_sites = 1,
			.hold = i ? NULL : &hold,
		};
	profile = (struct raw){ .objects = objects,
				.n_objects = LOCKS,
				.origins = &origin,
				.n_origins = 1 };
}

START_TEST(a_fit_has_threads_locks_and_shares)
{
	struct fit f;

	make(RAW_MUTEX);
	ck_assert(fit_origin(&profile, &origin, &f));
	ck_assert_uint_eq(f.threads, 3);
	ck_assert_uint_eq(f.locks, 4);
	ck_assert_uint_eq(f.hot_permille, 600);
	ck_assert_uint_eq(f.write_permille, 1000);
	ck_assert_uint_eq(f.ncs_cpu_percent, 25);
	ck_assert_double_eq_tol(f.waited_ns, 2500, 1e-9);
	ck_assert(!f.rwlock);
}
END_TEST

START_TEST(a_fit_has_quantiles)
{
	struct fit f;

	make(RAW_MUTEX);
	ck_assert(fit_origin(&profile, &origin, &f));
	for (int i = 0; i < FIT_QUANTILES; i++) {
		double q = fit_quantiles[i];

		ck_assert_double_eq_tol(f.cs_ns[i], 100 + 1000 * q, 20);
		ck_assert_double_eq_tol(f.ncs_ns[i], 10000 + 10000 * q, 300);
	}
}
END_TEST

START_TEST(readers_are_acquisitions_of_rwlocks_alone)
{
	struct fit f;

	make(RAW_RWLOCK);
	objects[0].others = 3000;
	ck_assert(fit_origin(&profile, &origin, &f));
	ck_assert(f.rwlock);
	ck_assert_uint_eq(f.write_permille, 250);
	ck_assert_uint_eq(f.hot_permille, 900);
	make(RAW_MUTEX);
	objects[0].others = 3000;
	ck_assert_uint_eq(raw_acquired(&objects[0]), 600);
}
END_TEST

/* 200 sampled waits: 1000 holds, or 100. */
START_TEST(a_semaphore_is_a_lock_if_it_is_used_as_one)
{
	struct fit f;

	make(RAW_SEMAPHORE);
	ck_assert(fit_origin(&profile, &origin, &f));
	ck_assert_uint_eq(f.locks, 1);
	hold.total = 100;
	ck_assert(!fit_origin(&profile, &origin, &f));
	make(RAW_COND);
	ck_assert(!fit_origin(&profile, &origin, &f));
}
END_TEST

START_TEST(quantiles_of_nothing_are_not_numbers)
{
	ck_assert(isnan(raw_quantile(NULL, 0.5)));
}
END_TEST

UNITS(profile, few_ticks_are_exact, middles_are_within_six_percent,
      buckets_rise, ticks_are_told_by_two_clocks,
      a_fit_has_threads_locks_and_shares, a_fit_has_quantiles,
      readers_are_acquisitions_of_rwlocks_alone,
      a_semaphore_is_a_lock_if_it_is_used_as_one,
      quantiles_of_nothing_are_not_numbers)
