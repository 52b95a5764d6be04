/* SPDX-License-Identifier: MIT */
/*
 * How an implementation announces itself: one statement at the end of its file.
 *
 *	REGISTER_MUTEX(
 *		.id = { .name = "futex", .family = FUTEX, ... },
 *		.lock = lock, .unlock = unlock, ...);
 *
 * The statement puts a pointer into the linker section "synclab_impl"; every
 * build links the objects of primitives/<kind>/ by wildcard, so no list has to
 * be edited. Here an implementation's knowledge of the harness ends.
 */
#ifndef REGISTER_H
#define REGISTER_H

#include <stddef.h>

#include "section.h"
#include "sync.h"

/* The file's name without folder and ending: the build passes it. */
#ifndef FILE_STEM
#define FILE_STEM __FILE__
#endif

enum family {
	OTHER,	 /* beyond the three: what the field has to offer */
	FUTEX,	 /* C11 atomics and futex(2) */
	SPIN,	 /* C11 atomics; a waiter stays runnable for ever */
	PTHREAD, /* POSIX calls */
};

enum {
	IMPL_FIFO = 1 << 0,	  /* waiters get it in the order of arrival */
	IMPL_NEEDS_INIT = 1 << 1, /* all-zero bytes are not a valid object */
	IMPL_LARGE = 1 << 2,	  /* does not fit into a pthread_mutex_t */
	/* A waiter is overtaken so often at most, whatever the others do; of an
	 * rwlock: a writer by readers that came after it. */
	IMPL_NO_STARVATION = 1 << 3,
	/* destroy waits for those on their way out: barrier.h */
	IMPL_DESTROY_WAITS = 1 << 4,
};

/* All-zero and at most this size: can live inside a pthread_mutex_t. */
enum { IMPL_SMALL_BYTES = 40 };

/* What every implementation of every kind says about itself. */
struct implementation {
	const char *name;
	enum family family;
	const char *brief;	 /* one line: what is special about it */
	const char *source;	 /* where the algorithm comes from */
	const char *unsupported; /* why an operation is NULL, or NULL */
	unsigned flags;		 /* IMPL_* */
	size_t size;		 /* bytes of the object */
	size_t node_size;	 /* bytes of the caller's queue node, or 0 */
	/* Optional: set the counters of a fresh object as after so many uses
	 * that they wrap round after `left` more, more or less. */
	void (*age)(void *object, uint32_t left);
};

/* What the harness finds in the section. */
struct registration {
	const char *kind;
	const char *file;
	const struct implementation *id; /* first member of the kind's struct */
	section_run *section;		 /* hot loop bound to it, or NULL */
};

#define REGISTRATION(kind_, section_)                                          \
	static const struct registration registration = {                      \
		.kind = kind_,                                                 \
		.file = __FILE__,                                              \
		.id = &implementation.id,                                      \
		.section = section_,                                           \
	};                                                                     \
	__attribute__((                                                        \
		section("synclab_impl"), used,                                 \
		retain)) static const struct registration *const registered =  \
		&registration

#endif
