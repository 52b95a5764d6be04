/* SPDX-License-Identifier: MIT */
/*
 * What there is, by name; objects from names; and the texts of the codes.
 *
 * The linker section keeps the order of the files: by kind and name.
 */
#include <string.h>

#include "library.h"

#define SAME(name) ((int)SL_##name == (int)SYNC_##name)
_Static_assert(SAME(BUSY) && SAME(TIMEOUT) && SAME(NOT_OWNER) &&
		       SAME(OVERFLOW) && SAME(INVALID) && SAME(CLOSED) &&
		       SAME(BROKEN) && SAME(CANCELED) && SAME(NO_MEMORY) &&
		       SAME(NO_THREAD),
	       "primitives/sync.h and synclab.h name the same codes");
_Static_assert(SL_VERSION == 10000 * SL_VERSION_MAJOR + 100 * SL_VERSION_MINOR +
				     SL_VERSION_PATCH,
	       "one version");

extern const struct registration *const __start_synclab_impl[]
	__attribute__((visibility("hidden")));
extern const struct registration *const __stop_synclab_impl[]
	__attribute__((visibility("hidden")));

static const char *const kinds[] = {
	"mutex",     "recursive_mutex", "rwlock",  "cond",  "event",
	"semaphore", "barrier",		"once",	   "queue", "executor",
	"thread",    "local",		"counter", "gil",
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

const char *sl_kind(size_t i)
{
	return i < KINDS ? kinds[i] : NULL;
}

const char *sl_implementation(const char *kind, size_t i)
{
	for (const struct registration *const *r = __start_synclab_impl;
	     kind && r < __stop_synclab_impl; r++)
		if (strcmp((*r)->kind, kind) == 0 && i-- == 0)
			return (*r)->id->name;
	return NULL;
}

const struct registration *library_find(const char *kind, const char *name)
{
	if (!name)
		name = SL_DEFAULT;
	for (const struct registration *const *r = __start_synclab_impl;
	     kind && r < __stop_synclab_impl; r++)
		if (strcmp((*r)->kind, kind) == 0 &&
		    strcmp((*r)->id->name, name) == 0)
			return *r;
	return NULL;
}

const char *sl_brief(const char *kind, const char *implementation)
{
	const struct registration *r = library_find(kind, implementation);

	return r ? r->id->brief : NULL;
}

const char *sl_unsupported(const char *kind, const char *implementation)
{
	const struct registration *r = library_find(kind, implementation);

	return r ? r->id->unsupported : NULL;
}

const char *sl_family(const char *kind, const char *implementation)
{
	static const char *const names[] = {
		[OTHER] = "other",
		[FUTEX] = "futex",
		[SPIN] = "spin",
		[PTHREAD] = "pthread",
	};
	const struct registration *r = library_find(kind, implementation);

	return r ? names[r->id->family] : NULL;
}

static size_t whole_lines(size_t bytes)
{
	return (bytes + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
}

struct made library_make(const char *kind, const char *name, size_t header,
			 const void *out)
{
	const struct registration *r = library_find(kind, name);
	size_t size;
	char *bytes;

	if (!out || !r)
		return (struct made){ .result = out ? SL_UNKNOWN : SL_INVALID };
	header = whole_lines(header);
	size = header + whole_lines(r->id->size);
	bytes = aligned_alloc(CACHE_LINE, size);
	if (!bytes)
		return (struct made){ .result = SL_NO_MEMORY };
	memset(bytes, 0, size);
	return (struct made){
		.header = bytes,
		.object = bytes + header,
		.impl = r->id,
	};
}

const char *sl_strerror(int result)
{
	switch (result) {
	case SL_OK:
		return "success";
	case SL_BUSY:
		return "busy: it would have to wait, or is in use";
	case SL_TIMEOUT:
		return "the time has passed";
	case SL_NOT_OWNER:
		return "the caller does not hold it";
	case SL_DEADLOCK:
		return "it would wait for itself";
	case SL_OVERFLOW:
		return "a count would leave its range";
	case SL_INVALID:
		return "invalid argument";
	case SL_CLOSED:
		return "closed";
	case SL_BROKEN:
		return "the barrier is broken";
	case SL_CANCELED:
		return "cancelled before it started";
	case SL_NO_MEMORY:
		return "out of memory";
	case SL_NO_THREAD:
		return "the system refuses another thread";
	case SL_UNSUPPORTED:
		return "this implementation does not support it";
	case SL_UNKNOWN:
		return "no implementation has this name";
	default:
		return "unknown result";
	}
}

int sl_version(void)
{
	return SL_VERSION;
}

const char *sl_version_string(void)
{
	return SL_VERSION_STRING;
}
