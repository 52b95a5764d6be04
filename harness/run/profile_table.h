/* SPDX-License-Identifier: MIT */
/* A profile for people, and for programs. */
#ifndef PROFILE_TABLE_H
#define PROFILE_TABLE_H

#include <stdio.h>

#include "profile_symbols.h"

/* Locks first, then what is waited for until another thread acts (conditions,
 * barriers, some semaphores); each by how long they were waited
 * for, then by use. */
void profile_sort(struct raw *raw);

/* The first of them, on at most 100 columns. */
void profile_print(FILE *out, const struct raw *raw, struct symbols *s);

/* All: profile.csv (docs/profile.md). */
void profile_csv_header(FILE *out);
void profile_csv(FILE *out, const struct raw *raw, struct symbols *s);

#endif
