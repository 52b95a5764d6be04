/* SPDX-License-Identifier: MIT */
/*
 * Once: of all calls exactly one runs the function, and none returns before it
 * has run. Python has none (module import is its nearest thing).
 *
 * Object as for a mutex; all-zero = not yet called. The function must return
 * (or abandon, where there is one) and must not call the same once again. It
 * may call others, and wait for threads that do.
 *
 * Memory order: what the function does happens before the return of every call
 * and attempt that does not fail, and of every true done. What a function that
 * fails does happens before the next function that runs.
 */
#ifndef ONCE_H
#define ONCE_H

#include "register.h"

struct once_impl {
	struct implementation id;
	/* Optional. */
	int (*init)(void *once);
	void (*destroy)(void *once);
	void (*call)(void *once, void (*function)(void *), void *argument);
	/*
	 * Optional. Like call, but the function may fail: an answer other than
	 * 0 goes to the caller that has run it, and the once is as if never
	 * called, so that another caller, waiting or later, runs its own. 0
	 * when it is done.
	 */
	int (*attempt)(void *once, int (*function)(void *), void *argument);
	/*
	 * Optional, with attempt: by the thread whose function will not return,
	 * since the thread ends or an exception passes through both; as if the
	 * function had failed.
	 */
	void (*abandon)(void *once);
	bool (*done)(void *once);
};

static inline void once_nothing(void *argument)
{
	(void)argument;
}

/* The loop's section: the fast path, after the first call. */
static ALWAYS_INLINE void once_enter(const void *impl, void *once, void *node,
				     bool write)
{
	(void)node, (void)write;
	((const struct once_impl *)impl)->call(once, once_nothing, NULL);
}

static ALWAYS_INLINE void once_leave(const void *impl, void *once, void *node,
				     bool write)
{
	(void)impl, (void)once, (void)node, (void)write;
}

#define REGISTER_ONCE(...)                                                     \
	static const struct once_impl implementation = { __VA_ARGS__ };        \
	SECTION_BIND(once_enter, once_leave, touch_nothing)                    \
	REGISTRATION("once", section_bound)

#endif
