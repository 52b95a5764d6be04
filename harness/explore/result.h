/* SPDX-License-Identifier: MIT */
/*
 * What came of a program's exploration, for people and for programs.
 */
#ifndef EXPLORE_RESULT_H
#define EXPLORE_RESULT_H

#include "explored.h"
#include "settings.h"

const char *result_name(enum verdict v); /* "VERIFIED", ... */

/* "data race: ..." of a program with a violation. */
void result_violation(const struct explored *e, char *text, size_t size);

/* In the format that is asked for. */
void result_tell(const struct explored *e, const struct settings *s);

/* The exit status for all of them: the worst. */
int result_status(const struct explored *all, size_t n);

/* One line that counts the verdicts. */
void result_totals(const struct explored *all, size_t n);

#endif
