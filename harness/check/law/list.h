/* SPDX-License-Identifier: MIT */
/*
 * The laws that are linked in. Thread-safe: it is all constant.
 */
#ifndef LAW_LIST_H
#define LAW_LIST_H

#include <stdio.h>

#include "law.h"

/* The laws of a kind in the order of their file, NULL at the end; allocated. */
const struct law *const *laws_of(const char *kind);

/* NULL if the kind has no such law. */
const struct law *law_named(const char *kind, const char *name);

/* One trial of one law. */
void law_trial(const struct law *law, const struct registration *r,
	       const struct settings *s, struct outcome *out);

/* "kind,law,brief" lines, for documentation. */
void lab_list_laws(FILE *out, bool csv);

#endif
