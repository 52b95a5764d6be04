/* SPDX-License-Identifier: MIT */
/*
 * Rows: as many fields as the header has names, whole or not at all.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../harness/bench/row.h"
#include "units.h"

static struct window_result result;
static struct campaign_cell cell;
static struct row row;

static void make_row(void)
{
	memset(&result, 0, sizeof(result));
	memset(&cell, 0, sizeof(cell));
	result = (struct window_result){ .complete = true,
					 .verified = true,
					 .cpus = 2,
					 .window_ns = 1000000000,
					 .overlap = 1,
					 .ops = 4000,
					 .cpu_ns = 8000,
					 .jain = 1 };
	cell.cell.scenario = lab_scenario("mutex_contended");
	cell.cell.name = "futex";
	cell.cell.threads = 2;
	cell.path = "path";
	row = (struct row){ .cell = &cell,
			    .result = &result,
			    .context = { .campaign = "test" } };
	row_judge(&row);
}

/* Commas outside quotes. */
static int commas(const char *line)
{
	int n = 0;
	bool quoted = false;

	for (; *line && *line != '\n'; line++) {
		quoted ^= *line == '"';
		n += *line == ',' && !quoted;
	}
	return n;
}

static void written(char *out, size_t size)
{
	char path[] = "/tmp/synclab-XXXXXX";
	int fd = mkstemp(path);
	ssize_t n;

	ck_assert(row_write(fd, &row));
	n = pread(fd, out, size - 1, 0);
	ck_assert_int_gt(n, 0);
	out[n] = '\0';
	close(fd);
	unlink(path);
}

START_TEST(fields_match_the_header)
{
	char text[4000];

	make_row();
	written(text, sizeof(text));
	ck_assert_int_eq(commas(text), commas(row_header));

	histogram_add(&result.latency, 50);
	histogram_add(&result.inside, 50);
	cell.mode = LATENCY;
	written(text, sizeof(text));
	ck_assert_int_eq(commas(text), commas(row_header));

	result.complete = false;
	snprintf(result.why, sizeof(result.why), "a \"quoted\", reason\n");
	row_judge(&row);
	written(text, sizeof(text));
	ck_assert_int_eq(commas(text), commas(row_header));
	ck_assert_ptr_nonnull(strstr(text, ",0,\"a 'quoted', reason \""));
}
END_TEST

START_TEST(bad_windows_are_not_valid)
{
	make_row();
	ck_assert_msg(row.valid, "%s", row.why);

	result.overlap = 0.94;
	row_judge(&row);
	ck_assert(!row.valid);

	make_row();
	result.ops = 0;
	row_judge(&row);
	ck_assert(!row.valid);

	make_row();
	result.verified = false;
	row_judge(&row);
	ck_assert(!row.valid);

	make_row();
	result.steal = 0.06;
	row_judge(&row);
	ck_assert(!row.valid);

	/* 100 ns of work outside, asked for 1000: they were swapped */
	make_row();
	result.ncs_ns_requested = 1000;
	histogram_add(&result.outside, 100);
	row_judge(&row);
	ck_assert(!row.valid);

	make_row();
	result.cs_ns_requested = 1000;
	histogram_add(&result.inside, 100);
	row_judge(&row);
	ck_assert(!row.valid);
}
END_TEST

START_TEST(rates_are_what_they_say)
{
	make_row();
	ck_assert_double_eq_tol(row_ops_per_s(&result), 4000, 1e-6);
	ck_assert_double_eq_tol(row_cpu_ns_per_op(&result), 2, 1e-9);
}
END_TEST

START_TEST(a_row_that_does_not_fit_leaves_no_trace)
{
	char path[] = "/tmp/synclab-XXXXXX";
	int fd = mkstemp(path);
	struct rlimit limit;
	off_t whole;

	make_row();
	signal(SIGXFSZ, SIG_IGN);
	ck_assert(row_write(fd, &row));
	whole = lseek(fd, 0, SEEK_END);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = (rlim_t)whole + 20;
	setrlimit(RLIMIT_FSIZE, &limit);
	ck_assert(!row_write(fd, &row));
	ck_assert_int_eq(lseek(fd, 0, SEEK_END), whole);
	close(fd);
	unlink(path);
}
END_TEST

UNITS(row, fields_match_the_header, bad_windows_are_not_valid,
      rates_are_what_they_say, a_row_that_does_not_fit_leaves_no_trace)
