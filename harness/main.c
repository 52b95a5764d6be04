/* SPDX-License-Identifier: MIT */
/*
 * The command `synclab`: finds the subcommand and hands over to it.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *brief; /* NULL: not for people */
} commands[] = {
	{ "list", command_list,
	  "list kinds, implementations, scenarios or laws" },
	{ "explain", command_explain,
	  "print the head comment of KIND/IMPLEMENTATION" },
	{ "check", command_check,
	  "test implementations by the laws of their "
	  "kinds" },
	{ "explore", command_explore,
	  "run C programs, or implementations, in every way that the memory "
	  "model allows" },
	{ "run", command_run,
	  "run a program with its locks answered by implementations" },
	{ "bench", command_bench, "run a campaign of measurements" },
	{ "compare", command_compare,
	  "two campaigns, or two implementations, as ratios" },
	{ "window", command_window, NULL },
	{ "ratios", command_ratios, NULL },
	{ "host", command_host, NULL },
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void usage(void)
{
	puts("usage: synclab COMMAND [OPTION ...] [ARGUMENT ...]\n");
	for (int i = 0; i < COMMANDS; i++)
		if (commands[i].brief)
			printf("  %-8s %s\n", commands[i].name,
			       commands[i].brief);
	puts("\n`synclab COMMAND --help` tells more.");
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return lab_fail("name a command: `synclab --help` lists them");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		usage();
		return 0;
	}
	argp_err_exit_status = EXIT_USAGE;
	for (int i = 0; i < COMMANDS; i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;

		char name[64];

		snprintf(name, sizeof(name), "synclab %s", commands[i].name);
		argv[1] = name;
		return commands[i].run(argc - 1, argv + 1);
	}
	return lab_fail("unknown command '%s': `synclab --help` lists them",
			argv[1]);
}
