/* SPDX-License-Identifier: MIT */
/*
 * Google Benchmark as the shell around windows: registration by path, console
 * and JSON that its compare.py reads. One iteration is one window, timed by us.
 */
#ifndef GBENCH_H
#define GBENCH_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gbench_figures {
	double ns_per_op; /* of the whole machine: window / operations */
	double ops_per_s, cpu_ns_per_op, jain, min_share;
};

/* Runs one window. NULL, or why there are no figures (valid until the next
 * call). */
typedef const char *gbench_window(void *context, struct gbench_figures *out);

/* To be run in the order of registration; a path may come again and again. */
void gbench_add(const char *path, gbench_window *window, void *context);

/* --benchmark_* flags, "" at argv[0]. quiet: no console output of its own.
 * false if a flag was not understood (it has been printed). */
bool gbench_run(int argc, char **argv, bool quiet);

#ifdef __cplusplus
}
#endif

#endif
