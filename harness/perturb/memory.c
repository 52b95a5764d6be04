/* SPDX-License-Identifier: MIT */
/*
 * Use after free: small blocks that our objects allocate in a trial come from
 * an arena of their own and are never given out again, so an access that comes
 * too late finds its block marked instead of a new owner.
 *
 * Every granule of the arena has a byte that says whether it is freed. Blocks
 * that libraries ask for, large ones and all once the arena is used up are the
 * library's, as outside of trials.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../check/trial/trial.h"
#include "runtime.h"

enum { LARGEST = 4096, GRANULE = 16, FREERS = 3 };

/* Right before each block. */
struct header {
	_Alignas(GRANULE) size_t size;
	const void *freed_by[FREERS]; /* return addresses, the inner ones */
};

static const uintptr_t nowhere = SIZE_MAX - ARENA_SIZE;

uintptr_t arena = nowhere;
static uint8_t *freed; /* by granule */
static _Atomic size_t used;

/* glibc's own, under their second names */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static void *reserve(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		abort();
	return memory;
}

void memory_begin(void)
{
	freed = reserve(ARENA_SIZE / GRANULE);
	arena = (uintptr_t)reserve(ARENA_SIZE);
}

static bool in_arena(const volatile void *a)
{
	return (uintptr_t)a - arena < ARENA_SIZE;
}

static uint8_t *mark_of(const volatile void *a)
{
	return &freed[((uintptr_t)a - arena) / GRANULE];
}

static struct header *header_of(const volatile void *block)
{
	return (struct header *)block - 1;
}

/* Is this return address in the program, not in a library? */
static bool ours(const void *pc)
{
	extern const char __executable_start[], etext[];

	return (uintptr_t)pc - (uintptr_t)__executable_start <
	       (uintptr_t)etext - (uintptr_t)__executable_start;
}

/* A block of no bytes has one as well, to be known by. */
static size_t granules(size_t size)
{
	return size ? (size + GRANULE - 1) / GRANULE : 1;
}

/* A zeroed block, or NULL if this one is not for the arena. */
static void *serve(size_t size, size_t alignment, const void *pc)
{
	uintptr_t block;
	size_t room, at;

	if (arena == nowhere || size > LARGEST || alignment > LARGEST ||
	    !ours(pc))
		return NULL;
	if (alignment < GRANULE)
		alignment = GRANULE;
	room = granules(size) * GRANULE + sizeof(struct header) + alignment;
	at = atomic_fetch_add_explicit(&used, room, memory_order_relaxed);
	if (at > ARENA_SIZE - room)
		return NULL;
	block = (arena + at + sizeof(struct header) + alignment - 1) &
		~(alignment - 1);
	header_of((void *)block)->size = size;
	return (void *)block;
}

/* ---- what is found ---- */

static void print_callers(const void *const *pcs, char *first, size_t size)
{
	char name[160];

	first[0] = '\0';
	for (int i = 0; i < FREERS && pcs[i]; i++) {
		where_name(pcs[i], name, sizeof(name));
		fprintf(stderr, "    %s\n", name);
		if (!first[0] || (i < 2 && where_inside(pcs[i])))
			snprintf(first, size, "%s", name);
	}
}

static void callers(const struct thread *t, const void *pc,
		    const void *pcs[FREERS])
{
	pcs[0] = pc;
	for (unsigned i = 1; i < FREERS; i++)
		pcs[i] = t && t->depth >= i
				 ? t->callers[(t->depth - i) % CALLERS]
				 : NULL;
}

/* The block that a freed granule belongs to: headers are never marked. */
static void *block_of(const uint8_t *mark)
{
	while (mark > freed && mark[-1])
		mark--;
	return (void *)(arena + (size_t)(mark - freed) * GRANULE);
}

static _Noreturn void report(const volatile void *a, size_t size,
			     const void *pc, const char *what, uint8_t *mark)
{
	const char *block = block_of(mark);
	const void *pcs[FREERS];
	char by[160], freer[160];
	struct thread *t = self;

	self = NULL; /* what we call is no step of anybody */
	fprintf(stderr,
		"use after free: %s of %zu bytes, %td bytes into a block of "
		"%zu\n  accessed by\n",
		what, size, (const volatile char *)a - block,
		header_of(block)->size);
	callers(t, pc, pcs);
	print_callers(pcs, by, sizeof(by));
	fputs("  freed by\n", stderr);
	print_callers(header_of(block)->freed_by, freer, sizeof(freer));
	trial_fail("use after free: %s in %s, freed in %s", what, by, freer);
}

void memory_examine(const volatile void *a, size_t size, const void *pc,
		    const char *what)
{
	uintptr_t last = (uintptr_t)a + (size ? size - 1 : 0);

	if (last - arena >= ARENA_SIZE)
		last = arena + ARENA_SIZE - 1;
	for (uint8_t *mark = mark_of(a); mark <= mark_of((void *)last); mark++)
		if (unlikely(*mark))
			report(a, size, pc, what, mark);
}

/* ---- the calls ---- */

static void bury(void *block, const void *pc)
{
	struct header *h = header_of(block);

	/* relaxed: who sees the mark has been told too late anyhow */
	if (__atomic_exchange_n(mark_of(block), 1, __ATOMIC_RELAXED))
		report(block, h->size, pc, "free", mark_of(block));
	callers(self, pc, h->freed_by);
	memset(mark_of(block), 1, granules(h->size));
}

#define PC __builtin_return_address(0)

void *malloc(size_t size)
{
	void *block = serve(size, 1, PC);

	return block ? block : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	size_t all;
	void *block = __builtin_mul_overflow(n, size, &all) ? NULL
							    : serve(all, 1, PC);

	return block ? block : __libc_calloc(n, size);
}

void *memalign(size_t alignment, size_t size)
{
	void *block = serve(size, alignment, PC);

	return block ? block : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	void *block = serve(size, alignment, PC);

	return block ? block : __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size)
{
	void *block = serve(size, alignment, PC);

	if (!block)
		block = __libc_memalign(alignment, size);
	if (block)
		*result = block;
	return block ? 0 : ENOMEM;
}

void free(void *block)
{
	if (in_arena(block))
		bury(block, PC);
	else
		__libc_free(block);
}

void *realloc(void *block, size_t size)
{
	void *larger;

	if (block && !in_arena(block))
		return __libc_realloc(block, size);
	larger = serve(size, 1, PC);
	if (!larger)
		larger = __libc_malloc(size);
	if (!block || !larger)
		return larger;
	memcpy(larger, block,
	       size < header_of(block)->size ? size : header_of(block)->size);
	bury(block, PC);
	return larger;
}

/* Calls of the objects that the compiler has not turned into accesses; the
 * linker brings them here (--wrap). */
void *__real_memset(void *to, int c, size_t n);
void *__real_memcpy(void *restrict to, const void *restrict from, size_t n);
void *__real_memmove(void *to, const void *from, size_t n);
void *__wrap_memset(void *to, int c, size_t n);
void *__wrap_memcpy(void *restrict to, const void *restrict from, size_t n);
void *__wrap_memmove(void *to, const void *from, size_t n);

void *__wrap_memset(void *to, int c, size_t n)
{
	memory_access(to, n, PC, "memset");
	return __real_memset(to, c, n);
}

void *__wrap_memcpy(void *restrict to, const void *restrict from, size_t n)
{
	memory_access(to, n, PC, "memcpy to it");
	memory_access(from, n, PC, "memcpy from it");
	return __real_memcpy(to, from, n);
}

void *__wrap_memmove(void *to, const void *from, size_t n)
{
	memory_access(to, n, PC, "memmove to it");
	memory_access(from, n, PC, "memmove from it");
	return __real_memmove(to, from, n);
}
