/* SPDX-License-Identifier: MIT */
/*
 * Campaign files: what they mean, and what is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../harness/bench/run.h"
#include "units.h"

static struct campaign campaign;

/* What campaign_read says of a file with this text; stderr goes to stderr[]. */
static char said[1000];

static int read_text(const char *text, const struct campaign_options *options)
{
	char path[] = "/tmp/synclab-XXXXXX";
	int fd = mkstemp(path), saved = dup(STDERR_FILENO), pipe_fds[2];
	static const struct campaign_options none;
	ssize_t n;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	ck_assert_int_eq(pipe(pipe_fds), 0);
	dup2(pipe_fds[1], STDERR_FILENO);

	int status = campaign_read(path, options ? options : &none, &campaign);

	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(pipe_fds[1]);
	n = read(pipe_fds[0], said, sizeof(said) - 1);
	said[n > 0 ? n : 0] = '\0';
	close(pipe_fds[0]);
	close(saved);
	unlink(path);
	return status;
}

START_TEST(lists_multiply)
{
	ck_assert_int_eq(read_text("[campaign]\nwindow_ms = 7\nramp_ms = 3\n"
				   "repetitions = 5\ntwin_every = 0\n"
				   "[mutex_contended]\n"
				   "implementations = futex, spin\n"
				   "threads = 1, 2,4\ncs_ns = 0, 1000\n"
				   "modes = throughput, latency\n",
				   NULL),
			 0);
	ck_assert_int_eq(campaign.n, 2 * 3 * 2 * 2);
	ck_assert_int_eq(campaign.window_ms, 7);
	ck_assert_int_eq(campaign.ramp_ms, 3);
	ck_assert_int_eq(campaign.repetitions, 5);
	ck_assert_str_eq(campaign.cells[0].path,
			 "mutex/futex/mutex_contended/cs_ns:0/t:1");
}
END_TEST

START_TEST(defaults_are_the_scenarios_own)
{
	ck_assert_int_eq(
		read_text("[campaign]\ntwin_every = 0\n[mutex_contended]\n"
			  "implementations = futex\n",
			  NULL),
		0);
	ck_assert_int_eq(campaign.n, 1);
	ck_assert_int_eq(cell_param(&campaign.cells[0].cell, "ncs_ns"), 50);
}
END_TEST

START_TEST(one_scenario_twice_with_labels)
{
	ck_assert_int_eq(read_text("[campaign]\ntwin_every = "
				   "0\n[mutex_contended: a]\ncs_ns = 1\n"
				   "implementations = futex\n"
				   "[mutex_contended: b]\ncs_ns = 2\n"
				   "implementations = futex\n",
				   NULL),
			 0);
	ck_assert_int_eq(campaign.n, 2);
}
END_TEST

START_TEST(options_replace_the_file)
{
	struct campaign_options o = { .threads = "3",
				      .repetitions = 9,
				      .filter = "/spin/.*t:3$" };

	ck_assert_int_eq(read_text("[campaign]\ntwin_every = 0\n"
				   "[mutex_contended]\nthreads = 1, 2\n",
				   &o),
			 0);
	ck_assert_int_eq(campaign.n, 1);
	ck_assert_int_eq(campaign.cells[0].cell.threads, 3);
	ck_assert_int_eq(campaign.repetitions, 9);
}
END_TEST

START_TEST(a_star_names_all_others)
{
	bool contended = false, uncontended = false;

	ck_assert_int_eq(read_text("[mutex_contended]\nthreads = 7\n"
				   "[*]\nthreads = 5\nwindow_ms = 33\n",
				   NULL),
			 0);
	for (size_t i = 0; i < campaign.n; i++) {
		const struct campaign_cell *c = &campaign.cells[i];

		if (strcmp(c->cell.scenario->name, "mutex_contended") == 0) {
			ck_assert_int_eq(c->cell.threads, 7);
			ck_assert_int_eq(c->window_ms, campaign.window_ms);
			contended = true;
		} else {
			ck_assert_int_eq(c->cell.threads, 5);
			ck_assert_int_eq(c->window_ms, 33);
			uncontended = true;
		}
	}
	ck_assert(contended && uncontended);
}
END_TEST

/* Every group's cells stand in a row, and each group has its twin. */
START_TEST(groups_have_twins)
{
	size_t twins = 0;

	ck_assert_int_eq(read_text("[mutex_contended]\nthreads = 1, 2\n"
				   "implementations = futex, spin, pthread\n"
				   "modes = throughput, latency\n",
				   NULL),
			 0);
	ck_assert_int_eq(campaign.groups, 4);
	ck_assert_int_eq(campaign.n, 4 * (3 + 1));
	for (size_t i = 0; i < campaign.n; i++) {
		const struct campaign_cell *c = &campaign.cells[i];

		ck_assert_int_eq(c->group, i / 4);
		if (!c->twin)
			continue;
		twins++;
		ck_assert_ptr_nonnull(strstr(c->path, ".twin/"));
		ck_assert_int_gt(i, 0);
		ck_assert_ptr_eq(c->cell.implementation,
				 c[-1].cell.implementation);
		ck_assert_str_ne(c->name, c[-1].name);
	}
	ck_assert_int_eq(twins, 4);
}
END_TEST

START_TEST(blocks_are_balanced)
{
	size_t there[40], back[40], next[40], again[40];
	bool seen[40] = { 0 };

	ck_assert_int_eq(read_text("[mutex_contended]\nthreads = 1, 2\n"
				   "implementations = futex, spin, pthread\n",
				   NULL),
			 0);
	run_order(&campaign, 7, 0, there);
	run_order(&campaign, 7, 1, back);
	run_order(&campaign, 7, 2, next);
	run_order(&campaign, 7, 0, again);
	ck_assert_int_eq(memcmp(there, again, sizeof(there[0]) * campaign.n),
			 0);
	ck_assert_int_ne(memcmp(there, next, sizeof(there[0]) * campaign.n), 0);
	for (size_t i = 0; i < campaign.n; i++) {
		ck_assert_int_eq(there[i], back[campaign.n - 1 - i]);
		ck_assert(!seen[there[i]]);
		seen[there[i]] = true;
		/* what is compared stands together */
		ck_assert_int_eq(campaign.cells[there[i]].group,
				 campaign.cells[there[i - i % 4]].group);
	}
}
END_TEST

START_TEST(numbers_may_count_cpus)
{
	uint64_t one, two, half, more, plain;

	ck_assert(campaign_number("P", &one));
	ck_assert(campaign_number("2P", &two));
	ck_assert(campaign_number("P/2", &half));
	ck_assert(campaign_number("2P+1", &more));
	ck_assert(campaign_number("17", &plain));
	ck_assert_int_eq(two, 2 * one);
	ck_assert_int_ge(half, 1);
	ck_assert_int_eq(more, two + 1);
	ck_assert_int_eq(plain, 17);
	ck_assert(!campaign_number("", &plain));
	ck_assert(!campaign_number("P/0", &plain));
	ck_assert(!campaign_number("P+", &plain));
	ck_assert(!campaign_number("P-1", &plain));
	ck_assert(!campaign_number("2Q", &plain));
	ck_assert(!campaign_number("-1", &plain));
}
END_TEST

static const struct refusal {
	const char *text, *words;
} refusals[] = {
	{ "[nothing]\nthreads = 1\n", ":2: no scenario 'nothing'" },
	{ "[mutex_contended]\nthreads = 0\n", "from 1 to 256" },
	{ "[mutex_contended]\nthreads = 1000000\n", "from 1 to 256" },
	{ "[mutex_contended]\nthreads = -1\n", "from 1 to 256" },
	{ "[mutex_contended]\nthreads = two\n", "threads = two" },
	{ "[mutex_contended]\nthreads = 1,,2\n", "separated by commas" },
	{ "[mutex_contended]\ncolour = 1\n", "no parameter 'colour'" },
	{ "[*]\ncolour = 1\n", "no parameter 'colour'" },
	{ "[mutex_contended]\nimplementations = gold\n", "gold" },
	{ "[mutex_contended]\nmodes = fast\n", "throughput, latency" },
	{ "[mutex_contended]\nlines = 0\n", "from 1 to" },
	{ "[campaign]\nwindow = 3\n", "no key 'window'" },
	{ "[campaign]\norder = random\n", "interleaved or sequential" },
	{ "[finding]\ncolour = 1\n", "no key 'colour'" },
	{ "[mutex_contended]\nops = 0\n", "from 1 to" },
	{ "[mutex_contended]\nthreads=1\n[expect: x]\nabove = 1\n",
	  "says not of which cell" },
	{ "[mutex_contended]\nthreads=1\n[expect: x]\nof = futex\n",
	  "has no bound" },
	{ "[mutex_contended]\nthreads=1\n[expect: x]\nof = gold\nabove=1\n",
	  "names no cell" },
	{ "[mutex_contended]\nthreads=1,2\n[expect: x]\nof = futex\nabove=1\n",
	  "name more parts" },
	{ "[mutex_contended]\nthreads=1\n[expect: x]\nabove = much\n",
	  "give a number" },
	{ "[mutex_contended]\nthreads=1\n[expect: x]\nstate = bad\n",
	  "valid, spoilt" },
	{ "[mutex_contended]\nthreads=1\n[expect: x]\ncolour = red\n",
	  "no such key" },
	{ "threads = 1\n", "before the first" },
	{ "[mutex_contended\nthreads = 1\n", ":1:" },
	{ "[mutex_contended]\nnonsense\n", ":2:" },
	{ "", "names no scenario" },
};

START_TEST(nonsense_is_refused_in_one_line)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		ck_assert_int_eq(read_text(refusals[i].text, NULL), 2);
		ck_assert_msg(strstr(said, refusals[i].words),
			      "'%s' does not say '%s'", said,
			      refusals[i].words);
		ck_assert_ptr_eq(strchr(said, '\n') + 1, said + strlen(said));
	}
}
END_TEST

START_TEST(orders_are_permutations_and_repeat)
{
	size_t a[50], b[50];
	uint64_t seed = 7, same = 7, other = 8;
	bool seen[50] = { 0 }, differ = false;

	campaign_shuffle(a, 50, &seed);
	campaign_shuffle(b, 50, &same);
	ck_assert_int_eq(memcmp(a, b, sizeof(a)), 0);
	for (int i = 0; i < 50; i++) {
		ck_assert(!seen[a[i]]);
		seen[a[i]] = true;
	}
	campaign_shuffle(b, 50, &other);
	for (int i = 0; i < 50; i++)
		differ = differ || a[i] != b[i];
	ck_assert(differ);
}
END_TEST

UNITS(campaign, lists_multiply, groups_have_twins, blocks_are_balanced,
      numbers_may_count_cpus, defaults_are_the_scenarios_own,
      one_scenario_twice_with_labels, a_star_names_all_others,
      options_replace_the_file, nonsense_is_refused_in_one_line,
      orders_are_permutations_and_repeat)
