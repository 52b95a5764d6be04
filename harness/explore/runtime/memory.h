/* SPDX-License-Identifier: MIT */
/*
 * The program's memory: its globals, its stacks and its heap, with a cell of
 * shadow for each eight bytes.
 *
 * Each execution starts with the same bytes at the same addresses. Globals are
 * those of the executable's writable segments (this runtime is a library with
 * globals of its own) as they were before main; the heap is one arena for each
 * thread, from which nothing is used twice within an execution, so that an
 * address depends on its thread alone and freed memory stays freed.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One plain access: by whom, when (the number of events its thread had, plus
 * one: who happens after it has that event in his view), which bytes. */
struct access {
	uint16_t time; /* 0: none */
	uint8_t thread;
	uint8_t bytes; /* mask within the cell */
};

enum { CELL_ACCESSES = 8 };

struct cell {
	uint32_t execution; /* number of the execution that it is valid in */
	uint8_t atomic;	    /* bytes that are in the graph */
	uint8_t writes;	    /* which of accesses are writes, a bit each */
	bool freed;	    /* the last write is free */
	struct access accesses[CELL_ACCESSES];
	uint16_t location[8]; /* of the atomic that has this byte, plus one */
};

/* Once, before main: take the snapshot, reserve stacks' and heap's range. */
void memory_start(void);

/* The range from which fibers take their stacks. */
char *memory_stacks(size_t bytes);

/* A new execution: globals as at first, heap empty, every cell forgotten. */
void memory_reset(void);

/* The cell of an address, fresh if nothing has been noted in this execution;
 * NULL: not the program's memory (libc's, or nothing at all). */
struct cell *memory_cell(uintptr_t address);

/* The heap of the calling thread. NULL with errno when it is full; contents are
 * 0xa5 unless zeroed. */
void *memory_allocate(size_t size, size_t alignment, bool zeroed,
		      const void *pc);
void *memory_resize(void *p, size_t size, const void *pc);
void memory_free(void *p, const void *pc); /* raises what is wrong with it */
size_t memory_size(const void *p);

/* Raises a violation if [a, a + size) touches freed or foreign heap or, for
 * "read", heap that nobody has written. `verb`: "read", "write", "atomic",
 * "copy". Cheap for what is no heap. */
void memory_check(uintptr_t a, size_t size, const char *verb, const void *pc);

/* What has been allocated and not freed, from which no pointer in globals, in
 * stacks of living threads or in other such blocks leads to: at the end of an
 * execution. Returns how many blocks, and the first. */
unsigned memory_leaks(const void **first, size_t *size, const void **pc);

#endif
