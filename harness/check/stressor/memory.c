/* SPDX-License-Identifier: MIT */
/*
 * The n-th allocation fails. The Makefile links with --wrap=malloc and so on,
 * so that every allocation of the lab's own objects comes by here, and none of
 * the C library's or of other libraries'. One that fails costs nobody memory.
 */
#include <errno.h>
#include <stddef.h>

#include "faults.h"
#include "stressors.h"

static struct scarce memory;

unsigned fail_allocation(unsigned n)
{
	return scarce_arm(&memory, n);
}

static bool refused(void)
{
	if (!scarce_refuses(&memory))
		return false;
	errno = ENOMEM;
	return true;
}

/* Names that the linker gives. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **to, size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **to, size_t alignment, size_t size);

void *__wrap_malloc(size_t size)
{
	if (refused())
		return NULL;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	if (refused())
		return NULL;
	return __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	if (refused())
		return NULL;
	return __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	if (refused())
		return NULL;
	return __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **to, size_t alignment, size_t size)
{
	if (refused())
		return ENOMEM;
	return __real_posix_memalign(to, alignment, size);
}
