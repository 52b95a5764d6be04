/* SPDX-License-Identifier: MIT */
/*
 * What an address of the program's is called: functions and lines of its code,
 * and variables of its data.
 *
 * Out of the executable's own DWARF, on first use; slow, for reports only.
 * Texts live for ever.
 */
#ifndef WHERE_H
#define WHERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place {
	const char *function, *file; /* file: from the current directory */
	int line;
};

enum { INLINED_MAX = 16 };

/* Where a call that returns to pc was made: the functions that are inlined
 * there, from the innermost on, and at last the one that has a frame. Returns
 * how many; 0: not of the program. */
unsigned where_frames(const void *pc, struct place frames[INLINED_MAX]);

/* "file.c:12" without the folder, "" if that is not known. */
const char *where_line(const void *pc);

/* The function that begins here; NULL: none. */
const char *where_function(const void *start);

/* "lock", "queue.slot[3].next", "heap(file.c:12)+0x8", "stack of T1-0x38". size
 * 0: an object of which only the beginning is known; WHERE_POINTER: the largest
 * that begins there. False: no place in the program's data, the text is a
 * number. */
#define WHERE_POINTER SIZE_MAX

bool where_data(uintptr_t address, size_t size, char *text, size_t room);

#endif
