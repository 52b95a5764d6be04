/* SPDX-License-Identifier: MIT */
/*
 * A list of laws with a reason each, as one text: "law: reason; law: reason".
 */
#ifndef REASONS_H
#define REASONS_H

#include <stdbool.h>
#include <stddef.h>

/* Is this law in it? */
bool reasons_have(const char *list, const char *law);

/* Once for each law; what does not fit is cut. */
void reasons_add(char *list, size_t size, const char *law, const char *reason);

/* The first "law: reason", *length bytes; *list becomes what follows. NULL at
 * the end. */
const char *reasons_next(const char **list, int *length);

#endif
