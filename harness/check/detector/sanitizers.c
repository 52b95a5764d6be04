/* SPDX-License-Identifier: MIT */
/*
 * Laws under the sanitizers of the compilers.
 */
#include "detector.h"

/* Seeds usually begin with 1: one thorough run, then every other one. */
static void settle(struct settings *s)
{
	s->effort = s->seed % 2 ? 1 : 0.1;
}

DETECTOR(tsan_gcc, .name = "tsan-gcc", .build = "tsan-gcc", .rank = 70,
	 .brief = "data races, under ThreadSanitizer of gcc", .settle = settle);

DETECTOR(tsan_clang, .name = "tsan-clang", .build = "tsan-clang", .rank = 80,
	 .brief = "data races, under ThreadSanitizer of clang",
	 .settle = settle);

DETECTOR(asan, .name = "asan", .build = "asan", .rank = 90,
	 .brief = "use after free and undefined behaviour, under sanitizers",
	 .settle = settle);
