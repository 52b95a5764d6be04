/* SPDX-License-Identifier: MIT */
/*
 * The program's heap: an arena for each thread, from which nothing is taken
 * twice in an execution.
 *
 * So the address of a block depends only on what its own thread has allocated
 * before, and a freed block stays known as freed. Blocks and owners of granules
 * are kept beside the arenas; entries beyond `next` and `n` are left over from
 * earlier executions, and nobody looks at them: a reset sets two numbers.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "heap.h"
#include "race.h"
#include "report.h"
#include "violation.h"

enum { BLOCKS_MAX = ARENA_BYTES / (GRANULE + RED_ZONE) };

struct arena arenas[THREADS_MAX];
unsigned live_blocks;

void heap_start(void)
{
	struct block *blocks =
		reserve(0, THREADS_MAX * sizeof(*blocks) * BLOCKS_MAX);
	uint32_t *owners = reserve(0, HEAP_BYTES / GRANULE * sizeof(*owners));

	for (unsigned i = 0; i < THREADS_MAX; i++) {
		arenas[i].blocks = blocks + (size_t)i * BLOCKS_MAX;
		arenas[i].owner = owners + i * (ARENA_BYTES / GRANULE);
		arenas[i].next = arena_start(&arenas[i]);
	}
}

void heap_reset(void)
{
	live_blocks = 0;
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		arenas[i].next = arena_start(&arenas[i]);
		arenas[i].n = 0;
	}
}

static uintptr_t round_up(uintptr_t a, size_t to)
{
	return (a + to - 1) & ~(to - 1);
}

/* All granules up to `end` are the new block's: what lies before it is the gap
 * of its alignment. */
static struct block *take(struct arena *arena, uintptr_t start, uintptr_t end)
{
	uintptr_t low = arena_start(arena);
	struct block *block = &arena->blocks[arena->n++];

	for (uintptr_t a = arena->next; a < end; a += GRANULE)
		arena->owner[(a - low) / GRANULE] = arena->n;
	arena->next = end;
	*block = (struct block){ .start = start };
	return block;
}

void *memory_allocate(size_t size, size_t alignment, bool zeroed,
		      const void *pc)
{
	struct arena *arena = &arenas[running - threads];
	uintptr_t limit = arena_start(arena) + ARENA_BYTES, start, end;
	struct block *block;

	if (alignment < GRANULE)
		alignment = GRANULE;
	if (size > ARENA_BYTES || alignment > ARENA_BYTES)
		goto full;
	start = round_up(arena->next, alignment);
	end = round_up(start + size, GRANULE) + RED_ZONE;
	if (end > limit)
		goto full;
	block = take(arena, start, end);
	block->size = size;
	block->allocated_at = pc;
	live_blocks++;
	return memset((void *)start, zeroed ? 0 : FRESH, size);
full:
	errno = ENOMEM;
	return NULL;
}

/* ---- what is wrong ---- */

/* In the scheduler an access is that of the event which has just been added. */
static unsigned culprit(void)
{
	return running ? (unsigned)(running - threads)
		       : graph->events[graph->n - 1].thread;
}

static void tell(enum violation_kind kind, const struct block *block,
		 uintptr_t a, const void *pc, const char *text)
{
	struct violation v = {
		.kind = kind,
		.thread = culprit(),
		.pc = pc,
		.address = a,
	};

	if (block && block->freed) {
		v.has_other = true;
		v.other = block->freed_by;
		v.other_time = block->freed_when;
	}
	snprintf(v.text, sizeof(v.text), "%s", text);
	violation_race(&v);
}

/* A red zone lies between two blocks: the nearer one is meant. */
static const struct block *nearest(const struct block *block, uintptr_t a)
{
	const struct arena *arena = arena_of(a);
	const struct block *after = block + 1;
	uintptr_t end = block->start + block->size;

	return after < arena->blocks + arena->n && a >= end &&
			       after->start - a < a - end
		       ? after
		       : block;
}

static void raise_access(uintptr_t a, size_t size, const char *verb,
			 const struct block *block, const void *pc)
{
	char text[256];
	ptrdiff_t offset;

	if (!block) {
		tell(USE_AFTER_FREE, NULL, a, pc,
		     "access to the heap beyond all blocks");
		return;
	}
	block = nearest(block, a);
	offset = (ptrdiff_t)(a - block->start);
	if (offset < 0)
		snprintf(text, sizeof(text),
			 "%s of %zu bytes, %td before a %sblock of %zu", verb,
			 size, -offset, block->freed ? "freed " : "",
			 block->size);
	else
		snprintf(text, sizeof(text),
			 "%s of %zu bytes at offset %td of a %sblock of %zu",
			 verb, size, offset, block->freed ? "freed " : "",
			 block->size);
	tell(USE_AFTER_FREE, block, a, pc, text);
}

static void raise_unwritten(uintptr_t a, size_t size, const struct block *block,
			    const void *pc)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "read of %zu bytes at offset %td of a block of %zu, which "
		 "nobody has written",
		 size, (ptrdiff_t)(a - block->start), block->size);
	tell(UNINITIALISED, block, a, pc, text);
}

void memory_check(uintptr_t a, size_t size, const char *verb, const void *pc)
{
	const struct block *block;

	if (!in_heap(a))
		return;
	block = block_of(a);
	if (!block || block->freed || a < block->start ||
	    a + size > block->start + block->size)
		raise_access(a, size, verb, block, pc);
	else if (*verb == 'r' && *(const uint8_t *)a == FRESH &&
		 block_uninitialised(block, a, size))
		raise_unwritten(a, size, block, pc);
}

static void raise_free(uintptr_t a, const struct block *block, const void *pc)
{
	char text[256];

	if (!block)
		snprintf(text, sizeof(text), "free of what is no block");
	else if (a != block->start)
		snprintf(text, sizeof(text),
			 "free of the middle of a block: offset %td of %zu "
			 "bytes",
			 (ptrdiff_t)(a - block->start), block->size);
	else
		snprintf(text, sizeof(text),
			 "double free of a block of %zu bytes", block->size);
	tell(BAD_FREE, block, a, pc, text);
}

/* The block that p is the start of, and that may be freed; NULL: raised. */
static struct block *to_be_freed(const void *p, const void *pc)
{
	uintptr_t a = (uintptr_t)p;
	struct block *block = in_heap(a) ? block_of(a) : NULL;

	if (block && block->start == a && !block->freed)
		return block;
	raise_free(a, block, pc);
	return NULL;
}

void memory_free(void *p, const void *pc)
{
	struct block *block = p ? to_be_freed(p, pc) : NULL;

	if (!block)
		return;
	if (tracing)
		report_free(block->start, block->size, pc);
	race_free(block->start, block->size, pc);
	block->freed = true;
	live_blocks--;
	block->freed_by = (uint8_t)(running - threads);
	block->freed_when = (uint16_t)running->next;
}

static void copy(void *to, const void *from, size_t size, const void *pc)
{
	if (!size)
		return;
	race_plain((uintptr_t)from, size, false, pc);
	race_plain((uintptr_t)to, size, true, pc);
	memcpy(to, from, size);
}

void *memory_resize(void *p, size_t size, const void *pc)
{
	const struct block *block = p ? to_be_freed(p, pc) : NULL;
	void *new;

	if (!size && block) {
		memory_free(p, pc);
		return NULL;
	}
	new = memory_allocate(size, GRANULE, false, pc);
	if (!new || !block)
		return new;
	copy(new, p, block->size < size ? block->size : size, pc);
	memory_free(p, pc);
	return new;
}

size_t memory_size(const void *p)
{
	uintptr_t a = (uintptr_t)p;
	const struct block *block = in_heap(a) ? block_of(a) : NULL;

	return block && block->start == a ? block->size : 0;
}
