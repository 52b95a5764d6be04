/* SPDX-License-Identifier: MIT */
/*
 * What the user asks of `synclab explore`: options, read strictly.
 */
#ifndef EXPLORE_SETTINGS_H
#define EXPLORE_SETTINGS_H

#include <stdio.h>

#include "runtime/options.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV };

struct settings {
	struct explore_page ask; /* a page as a program is to find it */
	const char *cflags;	 /* "": none */
	const char *client;	 /* NULL: every one */
	const char *replay;	 /* NULL: explore */
	const char *trace;	 /* NULL: beside the report */
	enum format format;
	unsigned jobs;
	bool list, relax, large, gdb;
	char **subjects; /* FILE.c ..., or KIND/NAME ... */
	int n;
	char **rest; /* arguments of the program */
	int rest_n;
};

/* Ends the program with EXIT_USAGE where something is wrong. */
void settings_parse(struct settings *s, int argc, char **argv);

/* The options that decide what an execution may do, as they would be typed. */
void settings_print(FILE *out, const struct settings *s);

/* A word as a shell reads it. */
void settings_print_word(FILE *out, const char *word);

extern const char *const settings_models[], *const settings_modes[];

#endif
