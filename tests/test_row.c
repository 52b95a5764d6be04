/* SPDX-License-Identifier: MIT */
/*
 * Rows: as many fields as the header has names, whole or not at all.
 */
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../harness/bench/recorder.h"
#include "../harness/bench/rows.h"
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
	cell.cell.name = cell.name = "futex";
	cell.cell.threads = 2;
	cell.path = "path";
	result.step_ns_before = result.step_ns_after = work_step_ns;
	row = (struct row){ .cell = &cell, .context = { .campaign = "test" } };
	row_judge(&row, &result);
}

/* As many as a median needs. */
static void add_ten(struct histogram *h, uint64_t ns)
{
	for (int i = 0; i < 10; i++)
		histogram_add(h, ns);
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
	ck_assert_int_eq(commas(text), commas(row_header()));

	histogram_add(&result.latency, 50);
	add_ten(&result.inside, 50);
	cell.mode = LATENCY;
	row_judge(&row, &result);
	written(text, sizeof(text));
	ck_assert_int_eq(commas(text), commas(row_header()));

	result.complete = false;
	snprintf(result.why, sizeof(result.why), "a \"quoted\", reason\n");
	row_judge(&row, &result);
	written(text, sizeof(text));
	ck_assert_int_eq(commas(text), commas(row_header()));
	ck_assert_ptr_nonnull(
		strstr(text, ",1,failed,\"a 'quoted', reason \""));
}
END_TEST

START_TEST(a_bad_window_is_told_by_whose_fault_it_is)
{
	make_row();
	ck_assert_msg(row.state == ROW_VALID, "%s", row.why);

	result.overlap = 0.94;
	row_judge(&row, &result);
	ck_assert_int_eq(row.state, ROW_SPOILT);

	make_row();
	result.steal = 0.06;
	row_judge(&row, &result);
	ck_assert_int_eq(row.state, ROW_SPOILT);

	make_row();
	result.foreign = 0.2;
	row_judge(&row, &result);
	ck_assert_int_eq(row.state, ROW_SPOILT);

	make_row();
	result.step_ns_after = 2 * work_step_ns;
	row_judge(&row, &result);
	ck_assert_int_eq(row.state, ROW_SPOILT);

	make_row();
	result.ops = 0;
	row_judge(&row, &result);
	ck_assert_int_eq(row.state, ROW_INVALID);

	/* what is broken stays so on a spoilt machine */
	make_row();
	result.verified = false;
	result.steal = 0.06;
	row_judge(&row, &result);
	ck_assert_int_eq(row.state, ROW_FAILED);
}
END_TEST

START_TEST(a_section_of_another_length_is_not_valid)
{
	/* 100 ns of work outside, asked for 1000: they were swapped */
	make_row();
	result.ncs_ns_requested = 1000;
	add_ten(&result.outside, 100);
	row_judge(&row, &result);
	ck_assert_int_eq(row.state, ROW_INVALID);

	make_row();
	result.cs_ns_requested = 1000;
	add_ten(&result.inside, 100);
	row_judge(&row, &result);
	ck_assert_int_eq(row.state, ROW_INVALID);
}
END_TEST

START_TEST(rates_are_what_they_say)
{
	make_row();
	ck_assert_double_eq_tol(row.figures[OPS_PER_S], 4000, 1e-6);
	ck_assert_double_eq_tol(row.figures[CPU_PER_OP], 2, 1e-9);
	ck_assert_double_eq_tol(row_figure(&row, "ops_per_s"), 4000, 1e-6);
	ck_assert(isnan(row_figure(&row, "colour")));
}
END_TEST

static bool keep(void *context, const struct record *record)
{
	row_from_record(context, record);
	return true;
}

START_TEST(what_is_written_can_be_read)
{
	char path[] = "/tmp/synclab-XXXXXX", identity[600];
	int fd = mkstemp(path);
	struct row back;

	make_row();
	snprintf(row.extras[0].name, sizeof(row.extras[0].name), "writes");
	row.extras[0].value = 12.5;
	snprintf(row.note, sizeof(row.note), "three, \"four\"");
	ck_assert_int_gt(write(fd, row_header(), strlen(row_header())), 0);
	ck_assert(row_write(fd, &row));
	/* half a line, as a crash may leave it */
	ck_assert_int_eq(write(fd, "2,test,9", 8), 8);
	close(fd);
	ck_assert_int_eq(rows_each(path, keep, &back), 0);
	unlink(path);
	ck_assert_int_eq(back.state, ROW_VALID);
	ck_assert_int_eq(back.context.block, 0);
	for (int f = 0; f < FIGURES; f++)
		if (isnan(row.figures[f]))
			ck_assert(isnan(back.figures[f]));
		else
			ck_assert_double_eq_tol(back.figures[f], row.figures[f],
						1e-6);
	ck_assert_double_eq_tol(row_figure(&back, "writes"), 12.5, 1e-9);
	ck_assert_str_eq(back.note, "three, 'four'");
	row_identity(&cell, identity, sizeof(identity));
	ck_assert_ptr_nonnull(strstr(identity, "mutex/futex"));
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

UNITS(row, fields_match_the_header, a_bad_window_is_told_by_whose_fault_it_is,
      a_section_of_another_length_is_not_valid, rates_are_what_they_say,
      what_is_written_can_be_read, a_row_that_does_not_fit_leaves_no_trace)
