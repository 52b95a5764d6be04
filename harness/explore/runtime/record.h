/* SPDX-License-Identifier: MIT */
/*
 * What the run of a report has seen: the events and the plain accesses of each
 * thread in its order, with the stack at each.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdio.h>

#include "engine.h"

struct record {
	bool plain, write, free, has_value;
	uint8_t thread;
	uint16_t index; /* of the event; of a plain access: of the next event */
	uint16_t depth;
	uint32_t stack;
	uintptr_t address; /* of a plain access */
	size_t size;
	uint64_t value;
	const void *pc;
	struct record *next; /* of this thread */
};

/* Forget all; from here on report_event and report_access are listened to. What
 * a thread does on its own stack is left out, but for the bytes near `about`.
 */
void record_start(uintptr_t about);

/* The run is over, and memory as it has left it. */
void record_finish(void);

/* The first record of a thread; NULL: none. */
struct record *record_first(unsigned thread);

/* Do the two touch the same bytes? */
static inline bool record_touches(const struct record *r, uintptr_t a,
				  size_t size)
{
	return r->plain && r->address < a + size && a < r->address + r->size;
}

/* Do two threads access it, and one of them write? */
bool record_shared(const struct record *r);

/* The place of a call; the stack at a record, and where a thread is now, from
 * the innermost call. */
void record_print_frames(FILE *f, const void *pc);
void record_print_stack(FILE *f, const struct record *r);
void record_print_now(FILE *f, unsigned thread, const void *pc);

#endif
