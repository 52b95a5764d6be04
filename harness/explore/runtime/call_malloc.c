/* SPDX-License-Identifier: MIT */
/*
 * malloc and its family, as the program calls them.
 *
 * On a fiber they are heap.c's. What the C library has allocated (getline,
 * asprintf, anything before main) is the C library's to free: it is known by
 * its address.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "heap.h"
#include "race.h"

#define EXPORT __attribute__((visibility("default")))
#define PC     __builtin_return_address(0)

static bool is_power(size_t n)
{
	return n && !(n & (n - 1));
}

/* Is it for heap.c, either to free it or to say that it is no block? */
static bool ours(const void *p)
{
	uintptr_t a = (uintptr_t)p;

	return running && (in_heap(a) || in_stacks(a) || in_globals(a));
}

EXPORT void *__wrap_malloc(size_t size)
{
	return running ? memory_allocate(size, 1, false, PC) : malloc(size);
}

/* Its zeroes are written by who calls it: for all others they are there once
 * they learn of the block in order. */
EXPORT void *__wrap_calloc(size_t n, size_t size)
{
	size_t bytes;
	void *p;

	if (!running)
		return calloc(n, size);
	if (__builtin_mul_overflow(n, size, &bytes))
		bytes = SIZE_MAX;
	p = memory_allocate(bytes, 1, true, PC);
	if (p && bytes)
		race_plain((uintptr_t)p, bytes, true, PC);
	return p;
}

EXPORT void *__wrap_realloc(void *p, size_t size)
{
	if (p ? ours(p) : running != NULL)
		return memory_resize(p, size, PC);
	return realloc(p, size);
}

EXPORT void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		bytes = SIZE_MAX;
	if (p ? ours(p) : running != NULL)
		return memory_resize(p, bytes, PC);
	return reallocarray(p, n, size);
}

EXPORT void __wrap_free(void *p)
{
	if (ours(p))
		memory_free(p, PC);
	else if (!in_heap((uintptr_t)p))
		free(p);
}

EXPORT void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	if (!running)
		return aligned_alloc(alignment, size);
	if (!is_power(alignment)) {
		errno = EINVAL;
		return NULL;
	}
	return memory_allocate(size, alignment, false, PC);
}

EXPORT void *__wrap_memalign(size_t alignment, size_t size)
{
	if (!running)
		return memalign(alignment, size);
	if (!is_power(alignment)) {
		errno = EINVAL;
		return NULL;
	}
	return memory_allocate(size, alignment, false, PC);
}

EXPORT int __wrap_posix_memalign(void **p, size_t alignment, size_t size)
{
	int before = errno;

	if (!running)
		return posix_memalign(p, alignment, size);
	if (!is_power(alignment) || alignment % sizeof(void *))
		return EINVAL;
	*p = memory_allocate(size, alignment, false, PC);
	errno = before;
	return *p ? 0 : ENOMEM;
}

EXPORT size_t __wrap_malloc_usable_size(void *p)
{
	return ours(p) ? memory_size(p) : malloc_usable_size(p);
}
