/* SPDX-License-Identifier: MIT */
/*
 * The scenarios that have registered themselves. Constant, thread-safe.
 */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include "../../scenarios/scenario.h"

/* Sorted by bound and name. */
size_t lab_scenarios(const struct scenario *const **all);

/* NULL if there is none. */
const struct scenario *lab_scenario(const char *name);

/* "micro", "cpu", "io" or "mixed". */
const char *lab_bound_name(enum bound bound);

#endif
