/* SPDX-License-Identifier: MIT */
/*
 * The order of acquisitions: figures of known sequences, counted by hand, and
 * the recorder when it overflows.
 */
#include <stdlib.h>

#include "../harness/bench/order_log.h"
#include "../harness/bench/recorder.h"
#include "units.h"

enum { MAX = 4096 };

static struct order_entry entries[MAX];
static struct order_figures figures;

/* "abca": threads 0, 1, 2, 0, one acquisition each gap_ns, CPU = thread. */
static struct order_run sequence(const char *letters, uint64_t gap_ns)
{
	size_t n = strlen(letters);

	for (size_t i = 0; i < n; i++)
		entries[i] = (struct order_entry){
			.ns = i * gap_ns,
			.thread = (unsigned)(letters[i] - 'a'),
			.cpu = (unsigned)(letters[i] - 'a'),
		};
	return (struct order_run){ entries, n };
}

static void figures_for(const char *letters, unsigned threads)
{
	struct order_run run = sequence(letters, 10);

	order_figures_of(&run, 1, threads, &figures);
}

START_TEST(round_robin_is_fair)
{
	figures_for("abcdabcdabcdabcd", 4);
	ck_assert_uint_eq(figures.samples, 16);
	ck_assert(figures.self_known);
	ck_assert_double_eq(figures.self_handover, 0);
	ck_assert_uint_eq(figures.longest_bypass, 3);
	ck_assert_double_eq(figures.reacquire_median, 3);
	ck_assert_double_eq(figures.dice, 0.5);
	ck_assert_double_eq(figures.lwss, 4);
	ck_assert_double_eq(figures.cross_cpu, 1);
}
END_TEST

START_TEST(a_hog_is_not)
{
	/* b waits 3, then for the 7 to the end; c never gets it: 12 */
	figures_for("aaabaaaaaaaa", 3);
	ck_assert_double_eq_tol(figures.self_handover, 9. / 11, 1e-12);
	ck_assert_uint_eq(figures.longest_bypass, 12);
	ck_assert_double_eq(figures.reacquire_median, 0);
	/* 11 of a, half of b's 1, which is the middle one of three */
	ck_assert_double_eq_tol(figures.dice, 11.5 / 12, 1e-12);
	ck_assert_double_eq(figures.lwss, 2);
	ck_assert_double_eq_tol(figures.cross_cpu, 2. / 11, 1e-12);

	figures_for("aaabaaaaaaaa", 2);
	ck_assert_uint_eq(figures.longest_bypass, 8);
	figures_for("aaaaaaabaaaa", 2);
	ck_assert_uint_eq(figures.longest_bypass, 7);
}
END_TEST

START_TEST(turns_of_different_length)
{
	/* a: others 0 0 2 0; b: 0 3; medians of 0 0 0 0 2 3 */
	figures_for("aaabbaab", 2);
	ck_assert_double_eq_tol(figures.self_handover, 4. / 7, 1e-12);
	ck_assert_uint_eq(figures.longest_bypass, 3);
	ck_assert_double_eq(figures.reacquire_median, 0);
	ck_assert_double_eq_tol(figures.dice, 5. / 8, 1e-12);
	ck_assert_double_eq_tol(figures.cross_cpu, 3. / 7, 1e-12);
}
END_TEST

START_TEST(working_sets_are_per_millisecond)
{
	/* four to a slice: abab has 2, cccc 1, abcd 4, and dd is cut off */
	struct order_run run = sequence("ababccccabcddd", NS_PER_MS / 4);

	order_figures_of(&run, 1, 4, &figures);
	ck_assert_double_eq_tol(figures.lwss, 7. / 3, 1e-12);

	/* a pause of some slices has no working set */
	for (size_t i = 8; i < run.n; i++)
		entries[i].ns += 5 * NS_PER_MS;
	order_figures_of(&run, 1, 4, &figures);
	ck_assert_double_eq_tol(figures.lwss, 7. / 3, 1e-12);
}
END_TEST

START_TEST(runs_do_not_touch)
{
	struct order_run whole = sequence("aabb", 10);
	struct order_run runs[] = { { entries, 2 }, { entries + 2, 2 } };

	order_figures_of(&whole, 1, 2, &figures);
	ck_assert_double_eq_tol(figures.self_handover, 2. / 3, 1e-12);

	/* two locks, each with a thread of its own: no hand-over between */
	order_figures_of(runs, 2, 2, &figures);
	ck_assert_double_eq(figures.self_handover, 1);
	ck_assert_double_eq(figures.cross_cpu, 0);
	ck_assert_uint_eq(figures.samples, 4);
	ck_assert_uint_eq(figures.longest_bypass, 2);
	ck_assert_double_eq(figures.lwss, 1);
	ck_assert_double_eq(figures.dice, 0.5);
}
END_TEST

START_TEST(dice_halves_the_middle)
{
	ck_assert_double_eq(order_dice((uint64_t[]){ 5, 5, 5 }, 3), 0.5);
	ck_assert_double_eq(order_dice((uint64_t[]){ 0, 9, 0, 3 }, 4), 1);
	ck_assert_double_eq(order_dice((uint64_t[]){ 1, 2, 3, 4 }, 4), 0.7);
	ck_assert_double_eq(order_dice((uint64_t[]){ 7 }, 1), 0.5);
	ck_assert_double_eq(order_dice((uint64_t[]){ 0, 0 }, 2), 0);
}
END_TEST

START_TEST(the_matrix_says_who_gave_to_whom)
{
	static struct order_matrix m, sum;
	struct order_run run = sequence("abba", 10);
	char *text = NULL;
	size_t size = 0;

	order_matrix_add(&m, &run);
	order_matrix_merge(&sum, &m);
	order_matrix_merge(&sum, &m);
	ck_assert(!sum.folded);

	FILE *f = open_memstream(&text, &size);

	order_matrix_print(&sum, f);
	fclose(f);
	ck_assert_ptr_nonnull(strstr(text, "\ncpu\t0\t1\n0\t0\t2\n1\t2\t2\n"));

	f = fmemopen(text, size, "r");
	order_matrix_read(&sum, f); /* once more on top */
	fclose(f);
	ck_assert_uint_eq(sum.counts[0][1], 4);
	ck_assert_uint_eq(sum.counts[1][1], 4);
	ck_assert_uint_eq(sum.counts[0][0], 0);
	free(text);

	entries[3].cpu = ORDER_CPUS + 1;
	order_matrix_add(&m, &run);
	ck_assert(m.folded);
	ck_assert_uint_eq(m.counts[1][1], 3);
}
END_TEST

static const _Atomic uint32_t measured = MEASURE;

/* Acquisitions by threads 0 and 1 in turn, written down one by one. */
static void take(struct order_log *log, uint64_t n)
{
	static struct recorder recorders[2];
	static struct section sections[2];
	struct section_object object = { .log = order_log_of(log, 0) };

	for (unsigned i = 0; i < 2; i++) {
		recorders[i].thread = i;
		sections[i].recorder = &recorders[i];
		sections[i].turn.phase = &measured;
	}
	for (uint64_t i = 0; i < n; i++)
		order_log_take(&sections[i % 2], &object);
}

START_TEST(what_does_not_fit_is_sampled)
{
	struct order_log *log = order_log_new();
	/* the last stretch is always cut off in the middle, and after some
	 * more of them it is one of those that are kept */
	uint64_t stretch = ORDER_ENTRIES / ORDER_STRETCHES;

	order_log_open(log, 1);
	take(log, 3 * (uint64_t)ORDER_ENTRIES + stretch / 2);
	for (int tries = 0; tries < 30; tries++) {
		order_log_figures(log, 2, &figures, NULL);
		ck_assert_double_eq(figures.self_handover, 0);
		ck_assert_uint_eq(figures.longest_bypass, 1);
		ck_assert_double_eq(figures.dice, 0.5);
		if (figures.samples < ORDER_ENTRIES)
			break;
		take(log, stretch);
	}
	ck_assert_uint_eq(figures.samples, ORDER_ENTRIES - stretch / 2);
}
END_TEST

START_TEST(what_fits_is_whole)
{
	struct order_log *log = order_log_new();
	static struct order_matrix m;

	order_log_open(log, 100000);
	ck_assert_ptr_nonnull(order_log_of(log, ORDER_LOCKS - 1));
	ck_assert_ptr_null(order_log_of(log, ORDER_LOCKS));
	take(log, 1001);
	order_log_figures(log, 3, &figures, &m);
	ck_assert_uint_eq(figures.samples, 1001);
	ck_assert_uint_eq(figures.longest_bypass, 1001); /* of thread 2 */

	uint64_t handovers = 0;

	for (int i = 0; i < ORDER_CPUS; i++)
		for (int j = 0; j < ORDER_CPUS; j++)
			handovers += m.counts[i][j];
	ck_assert_uint_eq(handovers, 1000);
}
END_TEST

UNITS(order, round_robin_is_fair, a_hog_is_not, turns_of_different_length,
      working_sets_are_per_millisecond, runs_do_not_touch,
      dice_halves_the_middle, the_matrix_says_who_gave_to_whom,
      what_does_not_fit_is_sampled, what_fits_is_whole)
