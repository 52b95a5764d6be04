/* SPDX-License-Identifier: MIT */
/*
 * Files that are either whole or not there: written beside their place and
 * moved in when they are closed.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct output {
	FILE *file; /* to be printed to */
	char path[1100], draft[1110];
};

/* false (errno) if it cannot be made. */
bool output_open(struct output *o, const char *path);

/* false (errno) if not all of it could be written: then what was there before
 * is there still. */
bool output_close(struct output *o);

/* "FOLDER/mutex.spin.mutex_contended.t-4.ENDING": the file of the cell with
 * this path. */
void output_name(char *out, size_t size, const char *folder, const char *cell,
		 const char *ending);

/* Append to fd in one write; false (errno) if it did not fit, and then the file
 * ends where it did. */
bool output_append(int fd, const char *text, size_t size);

/* A field of a CSV line with the comma before it, in quotes, whatever it holds.
 */
void output_text(FILE *f, const char *text);

#endif
