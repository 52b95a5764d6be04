/* SPDX-License-Identifier: MIT */
/*
 * raw.csv read again: to continue a campaign, to compare two.
 */
#ifndef ROWS_H
#define ROWS_H

#include "row.h"

/* One line, its fields by the names of the header. */
struct record {
	char **names, **fields;
	size_t n, capacity;
	size_t line; /* of the file, from 1 */
};

/* The field of that name, "" if there is none. */
const char *record_get(const struct record *r, const char *name);

/* Calls each(context, record) for each line behind the header, until it says
 * false. 0, or EXIT_USAGE after one line on stderr. */
int rows_each(const char *path,
	      bool (*each)(void *context, const struct record *r),
	      void *context);

/* What tells one cell from another: mode, scenario, kind, implementation,
 * parameters, threads; of a record and of a cell. */
void record_identity(const struct record *r, char *out, size_t size);
void row_identity(const struct campaign_cell *cell, char *out, size_t size);

/* The row that was written as this record; cell and campaign are the caller's.
 */
void row_from_record(struct row *row, const struct record *r);

#endif
