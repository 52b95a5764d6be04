/* SPDX-License-Identifier: MIT */
/*
 * What the files of the program's memory know of each other: where it lies, and
 * the blocks of the heap.
 *
 * Stacks and heap are one range at a fixed address, so that addresses repeat
 * from run to run as well. Every granule of an arena knows its block; what
 * follows a block up to the next one, a red zone at least, is taken for a part
 * of it that must not be touched.
 */
#ifndef HEAP_H
#define HEAP_H

#include "memory.h"
#include "view.h"

#define MEMORY_AT    0x600000000000UL
#define STACKS_BYTES (64UL << 20)
#define ARENA_BYTES  (64UL << 20)
#define HEAP_AT	     (MEMORY_AT + STACKS_BYTES)
#define HEAP_BYTES   (THREADS_MAX * ARENA_BYTES)

enum { GRANULE = 16, RED_ZONE = 16 };

/* What a block is filled with: no small number, no valid pointer. */
enum { FRESH = 0xa5 };

struct block {
	uintptr_t start;
	size_t size;
	const void *allocated_at; /* return address of the call */
	bool freed;
	uint8_t freed_by;    /* thread, */
	uint16_t freed_when; /* and how many events it had */
	bool reached;	     /* leaks.c */
	struct block *to_scan;
};

struct arena {
	uintptr_t next; /* first byte that is not used yet */
	unsigned n;
	struct block *blocks;
	uint32_t *owner; /* of each granule: its block's number, plus one */
};

extern struct arena arenas[THREADS_MAX];
extern unsigned live_blocks; /* allocated and not freed */

static inline bool in_heap(uintptr_t a)
{
	return a - HEAP_AT < HEAP_BYTES;
}

static inline bool in_stacks(uintptr_t a)
{
	return a - MEMORY_AT < STACKS_BYTES;
}

static inline struct arena *arena_of(uintptr_t a)
{
	return &arenas[(a - HEAP_AT) / ARENA_BYTES];
}

static inline uintptr_t arena_start(const struct arena *arena)
{
	return HEAP_AT + (uintptr_t)(arena - arenas) * ARENA_BYTES;
}

/* The block that this address of the heap belongs to, NULL: none yet. */
static inline struct block *block_of(uintptr_t a)
{
	struct arena *arena = arena_of(a);

	if (a >= arena->next)
		return NULL;
	return &arena->blocks[arena->owner[(a - arena_start(arena)) / GRANULE] -
			      1];
}

/* Has nobody written any of these bytes of a block? */
bool block_uninitialised(const struct block *block, uintptr_t a, size_t size);

void heap_start(void);
void heap_reset(void);

/* Address space without memory behind it, or no return. */
void *reserve(uintptr_t at, size_t bytes);

/* The pages of globals that have ever been written while exploring: where the
 * i-th is, NULL: there are no more. */
enum { PAGE_BYTES = 4096 };
const char *globals_written(unsigned i);

/* A write fault at a: true if it was a first write to globals and may go on. */
bool globals_touch(uintptr_t a);
bool in_globals(uintptr_t a);

#endif
