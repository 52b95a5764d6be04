/* SPDX-License-Identifier: MIT */
/*
 * The functions at an address of a program, as its debug information has them:
 * the innermost that was inlined there, those around it, the one that has a
 * frame. Not thread-safe with respect to the same debug information.
 */
#ifndef INLINED_H
#define INLINED_H

#include <elfutils/libdw.h>
#include <stdbool.h>

/* One of them, and where in it. True: this is the one, look no further. */
typedef bool inlined_visit(void *context, Dwarf_Die *function, const char *file,
			   int line);

/* pc is relative to the unit's module; file and line are those of pc. False if
 * there was nothing to visit. */
bool inlined_walk(Dwarf_Die *unit, Dwarf_Addr pc, const char *file, int line,
		  inlined_visit *visit, void *context);

#endif
