/* SPDX-License-Identifier: MIT */
/*
 * Where things lie in the process of a window. Addresses alone can make a loop
 * 10 % faster or slower, so each process draws its own and repetitions average
 * over them (M18, M19): the kernel shifts the segments (ASLR), and from the
 * cell's seed come
 *
 *	padding   an environment variable, which shifts the main thread's stack
 *	offset    of the objects under test within a page
 *	stack     a shift of each worker's stack
 *
 * Source: T. Mytkowicz et al., "Producing wrong data without doing anything
 * obviously wrong!", ASPLOS 2009.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stddef.h>
#include <stdint.h>

enum { PAGE_BYTES = 4096 };

struct layout {
	size_t padding; /* 0 .. PAGE_BYTES - 1 */
	size_t offset;	/* the same, whole pairs of cache lines */
};

struct layout layout_of(uint64_t seed);

/* 0 .. PAGE_BYTES - 1, a multiple of what a stack is aligned to. */
size_t layout_stack(uint64_t seed, unsigned worker);

/* Of the objects that cell_object makes from now on. */
void layout_place_objects(size_t offset);

#endif
