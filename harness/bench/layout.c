/* SPDX-License-Identifier: MIT */
#include "layout.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../scenarios/scenario.h"

enum {
	/* Prefetchers fetch lines in pairs: what shares one is not alone. */
	LINES_BYTES = 2 * CACHE_LINE,
	STACK_ALIGNMENT = 16,
};

/* Objects share a block, or thousands of them would each cost a page and a
 * place in the TLB. But AddressSanitizer sees only where a block ends. */
#ifdef __SANITIZE_ADDRESS__
enum { BLOCK_BYTES = 0 };
#else
enum { BLOCK_BYTES = 16 * PAGE_BYTES };
#endif

/* The n-th number of a stream (splitmix64: Steele et al., OOPSLA 2014). */
static uint64_t drawn(uint64_t seed, uint64_t n)
{
	/* once more, since seeds that follow one another share a stream */
	for (int i = 0; i < 2; i++) {
		seed += (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
		seed = (seed ^ (seed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		seed = (seed ^ (seed >> 27)) * UINT64_C(0x94d049bb133111eb);
		seed ^= seed >> 31;
	}
	return seed;
}

struct layout layout_of(uint64_t seed)
{
	return (struct layout){
		.padding = drawn(seed, 0) % PAGE_BYTES,
		.offset = drawn(seed, 1) % (PAGE_BYTES / LINES_BYTES) *
			  LINES_BYTES,
	};
}

size_t layout_stack(uint64_t seed, unsigned worker)
{
	return drawn(seed, 2 + (uint64_t)worker) %
	       (PAGE_BYTES / STACK_ALIGNMENT) * STACK_ALIGNMENT;
}

/* Objects lie one behind the other from `next` on. */
static struct {
	pthread_mutex_t lock;
	size_t offset, left;
	char *next;
} block = { .lock = PTHREAD_MUTEX_INITIALIZER };

void layout_place_objects(size_t offset)
{
	block.offset = offset;
	block.left = 0;
}

static void open_block(size_t size)
{
	void *memory;

	block.left = size > BLOCK_BYTES ? size : BLOCK_BYTES;
	if (posix_memalign(&memory, PAGE_BYTES, block.offset + block.left)) {
		fprintf(stderr,
			"synclab: no memory for an object of %zu bytes: use "
			"fewer locks or threads\n",
			size);
		exit(2);
	}
	memset(memory, 0, block.offset + block.left);
	block.next = (char *)memory + block.offset;
}

void *cell_object(const struct registration *r)
{
	size_t size =
		(r->id->size + LINES_BYTES - 1) / LINES_BYTES * LINES_BYTES;
	void *object;

	pthread_mutex_lock(&block.lock);
	if (block.left < size)
		open_block(size);
	object = block.next;
	block.next += size;
	block.left -= size;
	pthread_mutex_unlock(&block.lock);
	return object;
}
