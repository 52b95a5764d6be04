/* SPDX-License-Identifier: MIT */
/*
 * Local: one value per thread, NULL at first. Python's threading.local.
 *
 * The destructor (may be NULL) runs at the end of a thread, in that thread,
 * with its value if that is not NULL. destroy runs no destructors; values of
 * live threads are forgotten. A local that is made in the same memory after
 * destroy starts with NULL in every thread.
 *
 * Memory order: none; a value is seen by its own thread alone.
 */
#ifndef LOCAL_H
#define LOCAL_H

#include "register.h"

/* At least so many locals can exist at a time (POSIX: 128 keys). */
enum { LOCAL_MIN = 128 };

struct local_impl {
	struct implementation id;
	/* 0, SYNC_NO_MEMORY, SYNC_OVERFLOW (too many locals). */
	int (*init)(void *local, void (*destructor)(void *value));
	/* No thread is inside get or set. */
	void (*destroy)(void *local);
	void *(*get)(void *local);
	int (*set)(void *local, void *value); /* 0, SYNC_NO_MEMORY */
};

/* The loop's section: add one to the thread's own value. */
static ALWAYS_INLINE void local_enter(const void *impl, void *local, void *node,
				      bool write)
{
	const struct local_impl *i = impl;

	(void)node, (void)write;
	i->set(local, (char *)i->get(local) + 1);
}

static ALWAYS_INLINE void local_leave(const void *impl, void *local, void *node,
				      bool write)
{
	(void)impl, (void)local, (void)node, (void)write;
}

#define REGISTER_LOCAL(...)                                                    \
	static const struct local_impl implementation = { __VA_ARGS__ };       \
	SECTION_BIND(local_enter, local_leave, touch_nothing)                  \
	REGISTRATION("local", section_bound)

#endif
