/* SPDX-License-Identifier: MIT */
/*
 * Unit tests: each file tests/test_NAME.c ends with
 *
 *	UNITS(name, test_one, test_two, ...)
 *
 * and is found by wildcard; tests/main.c runs all.
 */
#ifndef UNITS_H
#define UNITS_H

#include <check.h>
#include <string.h>

struct units {
	const char *name;
	const TTest *const *tests; /* NULL at the end */
};

/* In Check, START_TEST(x) makes a pointer x to a constant TTest. */
#define UNITS(name_, ...)                                                      \
	static const TTest *unit_tests[20];                                    \
	static struct units units = { #name_, unit_tests };                    \
	__attribute__((constructor)) static void units_fill(void)              \
	{                                                                      \
		const TTest *all[] = { __VA_ARGS__, NULL };                    \
                                                                               \
		_Static_assert(sizeof(all) <= sizeof(unit_tests),              \
			       "too many tests in one file");                  \
		memcpy(unit_tests, all, sizeof(all));                          \
	}                                                                      \
	__attribute__((section("synclab_units"), used,                         \
		       retain)) static const struct units *const units_entry = \
		&units;

#endif
