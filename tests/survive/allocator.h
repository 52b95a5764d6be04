/* SPDX-License-Identifier: MIT */
/*
 * An allocator for malloc_*.c: blocks of powers of two, in lists, all behind
 * one mutex. The program around it lets threads allocate for each other.
 */
#include "survive.h"

#include <stddef.h>

static pthread_mutex_t mutex = ALLOCATOR_MUTEX;
static _Alignas(16) char heap[16 << 20];
static size_t used;

struct block {
	size_t order;
	struct block *next; /* of free ones; else the user's bytes begin here */
};

static struct block *lists[25];

static struct block *block_of(void *p)
{
	return (struct block *)((char *)p - 16);
}

static size_t order_of(size_t size)
{
	size_t order = 5;

	while ((size_t)1 << order < size + 16)
		order++;
	return order;
}

void *malloc(size_t size)
{
	size_t order = order_of(size);
	struct block *b;

	if (order > 24)
		return NULL;
	pthread_mutex_lock(&mutex);
	b = lists[order];
	if (b) {
		lists[order] = b->next;
	} else if (used + ((size_t)1 << order) <= sizeof(heap)) {
		b = (struct block *)(heap + used);
		b->order = order;
		used += (size_t)1 << order;
	}
	pthread_mutex_unlock(&mutex);
	return b ? (char *)b + 16 : NULL;
}

void free(void *p)
{
	struct block *b = block_of(p);

	pthread_mutex_lock(&mutex);
	if (p) {
		b->next = lists[b->order];
		lists[b->order] = b;
	}
	pthread_mutex_unlock(&mutex);
}

void *calloc(size_t n, size_t size)
{
	char *p = malloc(n * size);

	/* not memset, which would make this a call of calloc */
	for (size_t i = 0; p && i < n * size; i++)
		((volatile char *)p)[i] = 0;
	return p;
}

void *realloc(void *old, size_t size)
{
	void *p = malloc(size);
	size_t n;

	if (p && old) {
		n = ((size_t)1 << block_of(old)->order) - 16;
		memcpy(p, old, n < size ? n : size);
		free(old);
	}
	return p;
}

static void *allocate(void *text)
{
	char *copy = NULL;

	for (int i = 0; i < rounds() / 4; i++) {
		free(copy);
		copy = strdup(text);
		CHECK(copy && strcmp(copy, text) == 0);
	}
	return copy;
}

int main(void)
{
	pthread_t t[4];

	for (int i = 0; i < 4; i++)
		t[i] = start(allocate, (void *)(ptrdiff_t) "by hand");
	for (int i = 0; i < 4; i++)
		free(join(t[i]));
	puts("allocated by hand");
	return 0;
}
