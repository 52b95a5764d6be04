/* SPDX-License-Identifier: MIT */
/*
 * Finished windows as a run of Google Benchmark: its console table and the JSON
 * or CSV of --benchmark_out, which its compare.py reads.
 *
 * A window becomes one benchmark of one iteration: Time is the time per
 * operation of all threads together, CPU the CPU time per operation of the
 * process. Nothing is run, so Google Benchmark's own threads, clocks and
 * repetitions have no part in it.
 *
 * Not thread-safe. The figures are copied.
 */
#ifndef GBENCH_H
#define GBENCH_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of one valid window; NAN: it has none. */
struct gbench_figures {
	double window_s, ops; /* Time is their ratio */
	double ops_per_s, cpu_ns_per_op, jain, min_share, p99_ns;
};

/* In the order of the table; a path may come again and again. */
void gbench_add(const char *path, const struct gbench_figures *figures);

/* argv: "" and --benchmark_* flags. Before the campaign, so that a mistake
 * costs no time: false after one line on stderr if a flag makes no sense. */
bool gbench_flags(int argc, char **argv);

/* Report what was added; once, and as gbench_flags was told. quiet: no table
 * on the console. */
void gbench_run(bool quiet);

#ifdef __cplusplus
}
#endif

#endif
