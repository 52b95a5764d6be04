/* SPDX-License-Identifier: MIT */
/*
 * Where an address of a program is in its source, from the program's DWARF.
 */
#ifndef EXPLORE_SOURCE_H
#define EXPLORE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

struct source;

struct place {
	const char *unit; /* the file that was compiled */
	const char *file; /* the line's, perhaps a header */
	int line, column;
};

/* NULL: it has no debug information. */
struct source *source_open(const char *program);
void source_close(struct source *s);

/* The call that returns to this address (less the load address). */
bool source_find(const struct source *s, uintptr_t pc, struct place *p);

/* All calls of functions whose name begins so, whether they are ever executed
 * or not; pc is where they return to. The program keeps its relocations. */
void source_calls(const struct source *s, const char *prefix,
		  void (*found)(void *context, const char *name, uintptr_t pc),
		  void *context);

#endif
