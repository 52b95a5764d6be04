/* SPDX-License-Identifier: MIT */
/*
 * The subcommands, and how they say no.
 *
 * Exit status: 0 all well, 1 a check failed, 2 usage or environment; explore
 * also 3, well up to a bound; run that of its program.
 */
#ifndef COMMAND_H
#define COMMAND_H

enum { EXIT_CHECK = 1, EXIT_USAGE = 2 };

int command_list(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_check(int argc, char **argv);
int command_explore(int argc, char **argv);
int command_run(int argc, char **argv);
int command_bench(int argc, char **argv);
int command_compare(int argc, char **argv);

/* One window of a campaign, which starts it: see bench/exchange.h. */
int command_window(int argc, char **argv);

/* What scripts/apps needs: rows as ratios, and the machine. */
int command_ratios(int argc, char **argv);
int command_host(int argc, char **argv);

/* One line on stderr, "synclab: ...": what is wrong and the remedy. Returns
 * EXIT_USAGE, so that `return lab_fail(...)` ends a command. */
int lab_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
