/* SPDX-License-Identifier: MIT */
#include "slab.h"

#include <string.h>
#include <sys/mman.h>

/* Of all slabs: the way here is long in any case. */
static struct latch latch;

enum { CHUNK_BYTES = 64 * 1024 };

void slabs_close(void)
{
	latch_close(&latch);
}

void slabs_open(void)
{
	latch_open(&latch);
}

static void refill(struct slab *s)
{
	char *chunk = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (chunk == MAP_FAILED)
		return;
	for (size_t at = 0; at + s->size <= CHUNK_BYTES; at += s->size) {
		*(void **)(chunk + at) = s->free;
		s->free = chunk + at;
	}
}

void *slab_take(struct slab *s, size_t bytes)
{
	void *piece;

	latch_close(&latch);
	if (!s->size)
		s->size = (bytes + CACHE_LINE - 1) & -(size_t)CACHE_LINE;
	if (!s->free && s->size <= CHUNK_BYTES)
		refill(s);
	piece = s->free;
	if (piece)
		s->free = *(void **)piece;
	latch_open(&latch);
	return piece ? memset(piece, 0, s->size) : NULL;
}

void slab_give(struct slab *s, void *piece)
{
	latch_close(&latch);
	*(void **)piece = s->free;
	s->free = piece;
	latch_open(&latch);
}
