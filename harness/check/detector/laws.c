/* SPDX-License-Identifier: MIT */
/*
 * Each law of the contract once, in a plain process.
 */
#include "detector.h"

DETECTOR(laws, .name = "laws", .build = "native", .rank = 10,
	 .brief = "each law of the contract once");
