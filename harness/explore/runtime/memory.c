/* SPDX-License-Identifier: MIT */
/*
 * Globals as at first, and the shadow of all memory.
 *
 * A page of the executable's globals is read-only until an execution writes to
 * it; the fault keeps a copy, and from then on the page is put back at each
 * reset. So a reset costs what the program uses, however large its tables. (The
 * kernel does not fault: a system call that writes where the program never has
 * gets EFAULT, except in small programs, whose pages are all copied at first.)
 * RELRO pages stay as they are. (Copy relocations, such as stdout, lie in the
 * executable too: they are the program's, and are put back as well.)
 *
 * Cells are found by arithmetic: one linear shadow for stacks and heap, one for
 * globals, both address space that gets memory when touched.
 */
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine.h"
#include "heap.h"
#include "options.h"

enum { CELL_BYTES = 8, SMALL_PAGES = 4 };

static struct cell *shadow; /* of stacks and heap */
static uintptr_t stacks_next = MEMORY_AT;

static struct {
	uintptr_t at;
	size_t bytes;
	struct cell *shadow;
	char *first;	   /* copies of pages as at first, once written */
	uint32_t *written; /* numbers of such pages */
	unsigned n;
} globals;

void *reserve(uintptr_t at, size_t bytes)
{
	void *p = mmap((void *)at, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			       (at ? MAP_FIXED_NOREPLACE : 0),
		       -1, 0);

	if (p == MAP_FAILED || (at && p != (void *)at)) {
		perror("explore: cannot reserve address space");
		_exit(EXPLORE_UNSUPPORTED);
	}
	return p;
}

/* ---- globals ---- */

static uintptr_t page_of(uintptr_t a)
{
	return a & ~(uintptr_t)(PAGE_BYTES - 1);
}

static void add_segment(uintptr_t low, uintptr_t high)
{
	if (!globals.bytes) {
		globals.at = low;
		globals.bytes = high - low;
		return;
	}
	if (high > globals.at + globals.bytes)
		globals.bytes = high - globals.at;
	if (low < globals.at) {
		globals.bytes += globals.at - low;
		globals.at = low;
	}
}

/* The first object that is told of is the program. What RELRO has of a segment
 * is its beginning. */
static int find_globals(struct dl_phdr_info *info, size_t size, void *unused)
{
	uintptr_t relro_end = 0;

	(void)size, (void)unused;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];

		if (h->p_type == PT_GNU_RELRO)
			relro_end = page_of(info->dlpi_addr + h->p_vaddr +
					    h->p_memsz);
	}
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		uintptr_t low = page_of(info->dlpi_addr + h->p_vaddr);
		uintptr_t high = page_of(info->dlpi_addr + h->p_vaddr +
					 h->p_memsz + PAGE_BYTES - 1);

		if (h->p_type != PT_LOAD || !(h->p_flags & PF_W))
			continue;
		if (relro_end > low && relro_end <= high)
			low = relro_end;
		if (low < high)
			add_segment(low, high);
	}
	return 1;
}

bool in_globals(uintptr_t a)
{
	return a - globals.at < globals.bytes;
}

bool globals_touch(uintptr_t a)
{
	char *page_at = (char *)page_of(a);
	size_t offset = page_of(a) - globals.at;

	if (!in_globals(a))
		return false;
	for (unsigned i = 0; i < globals.n; i++)
		if (globals.written[i] == offset / PAGE_BYTES)
			return false;
	memcpy(globals.first + offset, page_at, PAGE_BYTES);
	globals.written[globals.n++] = (uint32_t)(offset / PAGE_BYTES);
	return !mprotect(page_at, PAGE_BYTES, PROT_READ | PROT_WRITE);
}

static void touch_all(void)
{
	for (size_t i = 0; i < globals.bytes; i += PAGE_BYTES)
		globals_touch(globals.at + i);
}

static void globals_start(void)
{
	dl_iterate_phdr(find_globals, NULL);
	if (!globals.bytes)
		return;
	globals.shadow =
		reserve(0, globals.bytes / CELL_BYTES * sizeof(struct cell));
	globals.first = reserve(0, globals.bytes);
	globals.written = reserve(0, globals.bytes / PAGE_BYTES *
					     sizeof(*globals.written));
	mprotect((void *)globals.at, globals.bytes, PROT_READ);
	/* under a debugger each fault would be a stop */
	if (page->only_replay || globals.bytes <= SMALL_PAGES * PAGE_BYTES)
		touch_all();
}

const char *globals_written(unsigned i)
{
	return i < globals.n ? (char *)globals.at +
				       (size_t)globals.written[i] * PAGE_BYTES
			     : NULL;
}

static void globals_reset(void)
{
	for (unsigned i = 0; i < globals.n; i++) {
		size_t offset = (size_t)globals.written[i] * PAGE_BYTES;

		memcpy((char *)globals.at + offset, globals.first + offset,
		       PAGE_BYTES);
	}
}

/* ---- all ---- */

void memory_start(void)
{
	reserve(MEMORY_AT, STACKS_BYTES + HEAP_BYTES);
	shadow = reserve(0, (STACKS_BYTES + HEAP_BYTES) / CELL_BYTES *
				    sizeof(struct cell));
	heap_start();
	globals_start();
}

char *memory_stacks(size_t bytes)
{
	char *stacks = (char *)stacks_next;

	if (bytes > HEAP_AT - stacks_next) {
		fprintf(stderr, "explore: too much thread-local storage\n");
		_exit(EXPLORE_UNSUPPORTED);
	}
	stacks_next += bytes;
	return stacks;
}

void memory_reset(void)
{
	globals_reset();
	heap_reset();
}

struct cell *memory_cell(uintptr_t address)
{
	struct cell *cell;

	if (address - MEMORY_AT < STACKS_BYTES + HEAP_BYTES)
		cell = &shadow[(address - MEMORY_AT) / CELL_BYTES];
	else if (address - globals.at < globals.bytes)
		cell = &globals.shadow[(address - globals.at) / CELL_BYTES];
	else
		return NULL;
	if (cell->execution != execution)
		*cell = (struct cell){ .execution = execution };
	return cell;
}
