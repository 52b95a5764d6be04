/* SPDX-License-Identifier: MIT */
/*
 * The stock clients (client/client.h), as their program lists them.
 */
#ifndef EXPLORE_STOCK_H
#define EXPLORE_STOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "../registry.h"

struct stock {
	char implementation[80]; /* KIND/NAME */
	char client[48];
	char about[160];
	char lacks[160]; /* "", or why the implementation cannot do it */
	unsigned threads;
	bool large;
};

/* The program that has them; with planted faults another one. NULL, after a
 * line on stderr: it is not there. */
const char *stock_program(const struct registration *r);

/* Adds those for an implementation to *all, which has *n. False, after a line
 * on stderr, if there is no list. */
bool stock_list(const struct registration *r, struct stock **all, size_t *n);

#endif
