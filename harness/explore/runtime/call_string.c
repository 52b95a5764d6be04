/* SPDX-License-Identifier: MIT */
/*
 * Bytes that the C library reads and writes for the program.
 *
 * The library is not instrumented, and neither compiler instruments a call to
 * it, nor the copy of a structure that becomes one. What it does to the
 * program's memory is a plain access of each byte; then it does it.
 */
#include <string.h>

#include "engine.h"
#include "memory.h"
#include "race.h"

#define EXPORT __attribute__((visibility("default")))
#define PC     __builtin_return_address(0)

static void reads(const void *a, size_t size, const void *pc)
{
	if (!running || !size)
		return;
	memory_check((uintptr_t)a, size, "read", pc);
	race_plain((uintptr_t)a, size, false, pc);
}

static void writes(const void *a, size_t size, const void *pc)
{
	if (!running || !size)
		return;
	memory_check((uintptr_t)a, size, "write", pc);
	race_plain((uintptr_t)a, size, true, pc);
}

/* To copy what nobody has written is no read of it: structures have holes. */
static void copies(const void *to, const void *from, size_t size,
		   const void *pc)
{
	if (!running || !size)
		return;
	memory_check((uintptr_t)from, size, "copy", pc);
	race_plain((uintptr_t)from, size, false, pc);
	writes(to, size, pc);
}

static void reads_string(const char *s, const void *pc)
{
	if (running)
		reads(s, strlen(s) + 1, pc);
}

/* With its end, if that is within n. */
static size_t length(const char *s, size_t n)
{
	size_t bytes = strnlen(s, n);

	return bytes < n ? bytes + 1 : n;
}

/* Bytes up to the first that tells a from b, or that ends both. */
static size_t same(const char *a, const char *b, size_t n)
{
	size_t i = 0;

	while (i < n && a[i] == b[i] && a[i])
		i++;
	return i < n ? i + 1 : n;
}

/* ---- bytes ---- */

#define COPIES(name, copy)                                                     \
	EXPORT void *name(void *to, const void *from, size_t n)                \
	{                                                                      \
		copies(to, from, n, PC);                                       \
		return copy(to, from, n);                                      \
	}
COPIES(__wrap_memcpy, memcpy)
COPIES(__wrap_mempcpy, mempcpy)
COPIES(__wrap_memmove, memmove)
/* clang 15 and later call these. */
COPIES(__tsan_memcpy, memcpy)
COPIES(__tsan_memmove, memmove)

#define SETS(name)                                                             \
	EXPORT void *name(void *to, int byte, size_t n)                        \
	{                                                                      \
		writes(to, n, PC);                                             \
		return memset(to, byte, n);                                    \
	}
SETS(__wrap_memset)
SETS(__tsan_memset)

EXPORT int __wrap_memcmp(const void *a, const void *b, size_t n)
{
	reads(a, n, PC);
	reads(b, n, PC);
	return memcmp(a, b, n);
}

EXPORT void *__wrap_memchr(const void *a, int byte, size_t n)
{
	const char *found = memchr(a, byte, n);

	reads(a, found ? (size_t)(found - (const char *)a) + 1 : n, PC);
	return memchr(a, byte, n);
}

/* What -D_FORTIFY_SOURCE makes of them; the room is checked by memory_check. */
#define COPIES_INTO(name, copy)                                                \
	EXPORT void *name(void *to, const void *from, size_t n, size_t room)   \
	{                                                                      \
		(void)room;                                                    \
		copies(to, from, n, PC);                                       \
		return copy(to, from, n);                                      \
	}
COPIES_INTO(__wrap___memcpy_chk, memcpy)
COPIES_INTO(__wrap___memmove_chk, memmove)

EXPORT void *__wrap___memset_chk(void *to, int byte, size_t n, size_t room)
{
	(void)room;
	writes(to, n, PC);
	return memset(to, byte, n);
}

/* ---- strings ---- */

EXPORT size_t __wrap_strlen(const char *s)
{
	reads_string(s, PC);
	return strlen(s);
}

EXPORT size_t __wrap_strnlen(const char *s, size_t n)
{
	reads(s, length(s, n), PC);
	return strnlen(s, n);
}

EXPORT char *__wrap_strcpy(char *to, const char *from)
{
	copies(to, from, strlen(from) + 1, PC);
	return strcpy(to, from);
}

EXPORT char *__wrap_stpcpy(char *to, const char *from)
{
	copies(to, from, strlen(from) + 1, PC);
	return stpcpy(to, from);
}

EXPORT char *__wrap_strncpy(char *to, const char *from, size_t n)
{
	reads(from, length(from, n), PC);
	writes(to, n, PC);
	return strncpy(to, from, n);
}

EXPORT char *__wrap_strcat(char *to, const char *from)
{
	reads_string(to, PC);
	copies(to + strlen(to), from, strlen(from) + 1, PC);
	return strcat(to, from);
}

EXPORT int __wrap_strcmp(const char *a, const char *b)
{
	size_t n = same(a, b, SIZE_MAX);

	reads(a, n, PC);
	reads(b, n, PC);
	return strcmp(a, b);
}

EXPORT int __wrap_strncmp(const char *a, const char *b, size_t n)
{
	size_t read = same(a, b, n);

	reads(a, read, PC);
	reads(b, read, PC);
	return strncmp(a, b, n);
}

EXPORT char *__wrap_strchr(const char *s, int byte)
{
	const char *found = strchr(s, byte);

	reads(s, found ? (size_t)(found - s) + 1 : strlen(s) + 1, PC);
	return strchr(s, byte);
}

EXPORT char *__wrap_strrchr(const char *s, int byte)
{
	reads_string(s, PC);
	return strrchr(s, byte);
}

static char *copy(const char *s, size_t bytes, const void *pc)
{
	char *to = memory_allocate(bytes + 1, 1, false, pc);

	if (!to)
		return NULL;
	writes(to, bytes + 1, pc);
	to[bytes] = '\0';
	return memcpy(to, s, bytes);
}

EXPORT char *__wrap_strdup(const char *s)
{
	if (!running)
		return strdup(s);
	reads_string(s, PC);
	return copy(s, strlen(s), PC);
}

EXPORT char *__wrap_strndup(const char *s, size_t n)
{
	if (!running)
		return strndup(s, n);
	reads(s, length(s, n), PC);
	return copy(s, strnlen(s, n), PC);
}
