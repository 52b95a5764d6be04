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

/* Once for each law; what does not fit is cut. A "; " in the reason becomes a
 * comma. */
void reasons_add(char *list, size_t size, const char *law, const char *reason);

/* The entries of another list as well, unless their law is in this one. */
void reasons_merge(char *list, size_t size, const char *other);

/* "law, law: reason; ...": each reason once, with all the laws that have it. */
void reasons_group(const char *list, char *grouped, size_t size);

/* The first "law: reason", *length bytes; *list becomes what follows. NULL at
 * the end. */
const char *reasons_next(const char **list, int *length);

#endif
