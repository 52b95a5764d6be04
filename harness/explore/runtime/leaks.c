/* SPDX-License-Identifier: MIT */
/*
 * Leaks: live blocks that nothing leads to at the end of an execution.
 *
 * Any aligned word that has the value of an address within a block leads to it,
 * as for a conservative collector. Roots are globals that were ever written
 * (the others are from before main, when no block was), thread-local variables
 * of main, and stack and thread-local variables of each thread that has not
 * ended.
 */
#include "engine.h"
#include "heap.h"

static struct block *to_scan; /* reached, what is in them not looked at */

static void reach(struct block *block)
{
	if (block->freed || block->reached)
		return;
	block->reached = true;
	block->to_scan = to_scan;
	to_scan = block;
}

static void scan(const void *from, size_t bytes)
{
	const uintptr_t *w = from;

	for (size_t i = 0; i < bytes / sizeof(*w); i++)
		if (in_heap(w[i]) && block_of(w[i]))
			reach(block_of(w[i]));
}

static void scan_reached(void)
{
	while (to_scan) {
		struct block *block = to_scan;

		to_scan = block->to_scan;
		scan((const void *)block->start, block->size);
	}
}

static void scan_stack(const struct fiber *f)
{
	const char *sp = f->sp;

	if (sp >= f->low && sp < f->top)
		scan(sp, (size_t)(f->top - sp));
}

static void scan_roots(void)
{
	const char *page_at;
	size_t bytes;

	for (unsigned i = 0; (page_at = globals_written(i)); i++)
		scan(page_at, PAGE_BYTES);
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		const struct thread *t = &threads[i];
		const char *locals;

		if (t->standing == STANDING_NONE || !t->fiber)
			continue;
		if (i && t->standing == STANDING_ENDED)
			continue;
		locals = fiber_locals(t->fiber, &bytes);
		scan(locals, bytes);
		if (t->standing != STANDING_ENDED)
			scan_stack(t->fiber);
	}
}

unsigned memory_leaks(const void **first, size_t *size, const void **pc)
{
	unsigned leaks = 0;

	if (!live_blocks)
		return 0;
	scan_roots();
	scan_reached();
	for (unsigned i = 0; i < THREADS_MAX; i++)
		for (unsigned k = 0; k < arenas[i].n; k++) {
			const struct block *block = &arenas[i].blocks[k];

			if (block->freed || block->reached || leaks++)
				continue;
			*first = (const void *)block->start;
			*size = block->size;
			*pc = block->allocated_at;
		}
	return leaks;
}
