/* SPDX-License-Identifier: MIT */
/*
 * An execution as a table: columns are threads, rows are what they do, in an
 * order that agrees with porf (order.h). A read says which row it reads from,
 * and whether a newer value stood above it.
 */
#ifndef DIAGRAM_H
#define DIAGRAM_H

#include <stdio.h>

#include "graph.h"
#include "record.h"

/* A row that has a place in the table: an event, a plain access, or what
 * happens at last. */
struct row {
	unsigned thread, number;
	const struct event *event;   /* of an update the read; or */
	const struct event *write;   /* what it writes; NULL: nothing */
	const struct record *record; /* a plain access; of an event: its own */
	const char *end;	     /* a text instead of both */
	const char *remark;	     /* added to the cell; NULL: none */
	const void *pc;
	unsigned times; /* it stands for so many */
};

struct diagram {
	const struct graph *graph;
	struct row *rows;
	unsigned n;
};

/* The rows of a graph whose run has been recorded; of plain accesses those that
 * `wanted` wants. The rows of thread `last` come as late as they can. */
struct diagram diagram_of(const struct graph *g, unsigned last,
			  bool (*wanted)(const struct record *r));

/* One more row at the end. */
struct row *diagram_end(struct diagram *d, unsigned thread, const void *pc,
			const char *text);

/* "main", "T1 reader" */
const char *diagram_thread(unsigned thread);

/* The row of an event; NULL: it has none. */
const struct row *diagram_row(const struct diagram *d, eid id);

/* The newest write to the location of an event in the rows above it; NULL:
 * there is none. Is it newer than what the row reads or writes? */
const struct row *diagram_newest(const struct diagram *d, const struct row *r);
bool diagram_overtaken(const struct diagram *d, const struct row *r);

/* Numbers rows, and prints; so many columns of text at most. */
void diagram_number(struct diagram *d);
void diagram_print(const struct diagram *d, unsigned columns, FILE *f);

#endif
