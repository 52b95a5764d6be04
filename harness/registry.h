/* SPDX-License-Identifier: MIT */
/*
 * What has registered itself: implementations, scenarios and laws.
 * Thread-safe: it is all constant. Nothing here allocates.
 */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "../primitives/register.h"

/* The implementations, sorted by kind (in the order of lab_kinds) and name. */
size_t lab_registrations(const struct registration *const **all);

/* The kinds in the order of the documentation, NULL at the end. */
extern const char *const lab_kinds[];

/* Is it one of lab_kinds? */
bool lab_is_kind(const char *kind);

/* NULL if there is none. */
const struct registration *lab_find(const char *kind, const char *name);

/* Does r match KIND, KIND/NAME or NAME, each part with shell wildcards? */
bool lab_matches(const struct registration *r, const char *pattern);

/* "futex", "spin", "pthread" or "other". */
const char *lab_family_name(enum family family);

#endif
