/* SPDX-License-Identifier: MIT */
/*
 * Programs that are run for what they do or print: compilers, nm.
 */
#ifndef EXPLORE_TOOL_H
#define EXPLORE_TOOL_H

#include <stdbool.h>
#include <stdio.h>

/* Words of a command line that is being put together. */
struct words {
	char **all; /* NULL at the end */
	int n;
};

void words_add(struct words *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The words of a text, split as a shell would; false: it would not. */
bool words_split(struct words *w, const char *text);
void words_free(struct words *w);

/* Runs it, its output goes where ours goes; the status as of waitpid. */
int tool_run(char *const *argv);

/* Runs it, its standard output is a file to read. NULL: it failed. */
FILE *tool_read(char *const *argv);

/* The same, however it ends, and what it says on stderr is not heard. */
FILE *tool_output(char *const *argv);

#endif
