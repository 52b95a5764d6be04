/* SPDX-License-Identifier: MIT */
/*
 * Memory of one size, from mmap: usable inside malloc, before any constructor
 * and in the child of a fork. Pieces are aligned to a cache line and never go
 * back to the system. Thread-safe.
 */
#ifndef SLAB_H
#define SLAB_H

#include <stddef.h>

#include "latch.h"

struct slab {
	size_t size; /* 0 until the first piece is taken; then constant */
	void *free;
};

/* A zeroed piece of at least so many bytes; NULL: no memory. */
void *slab_take(struct slab *s, size_t bytes);
void slab_give(struct slab *s, void *piece);

/* Around a fork: nobody is inside. */
void slabs_close(void);
void slabs_open(void);

#endif
