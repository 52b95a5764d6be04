/* SPDX-License-Identifier: MIT */
/*
 * GIL: the lock of an interpreter, a small faithful model of CPython's since
 * 3.2 (A. Pitrou, "Reworking the GIL", python-dev, October 2009; ceval_gil).
 *
 * One thread at a time holds it. A holder gives it up (release, acquire) around
 * blocking I/O. A holder that computes calls yield between its bytecodes: that
 * is one load unless a drop is requested. A waiter that has waited the switch
 * interval without any switch having happened sets the drop request, and does
 * so again if another thread was quicker; the holder honours it at its next
 * yield, releases, and *waits until another thread has taken the lock* before
 * it competes for it again (forced switching).
 * Release waits in the same way if a drop is requested, as CPython's drop_gil
 * does; so a GIL may be destroyed when all calls of release have returned.
 *
 * Memory order: as for a mutex.
 */
#ifndef GIL_H
#define GIL_H

#include "register.h"

/* sys.setswitchinterval's default. */
#define GIL_SWITCH_INTERVAL_NS (5 * NS_PER_MS)

struct gil_impl {
	struct implementation id;
	/* interval_ns > 0. 0, SYNC_INVALID, SYNC_NO_MEMORY. */
	int (*init)(void *gil, uint64_t interval_ns);
	/* Optional. */
	void (*destroy)(void *gil);
	void (*acquire)(void *gil);
	void (*release)(void *gil);
	/* By the holder: true if a drop was requested and honoured; the caller
	 * holds it again on return. */
	bool (*yield)(void *gil);
	/* For waits that start afterwards; by any thread. */
	void (*set_interval)(void *gil, uint64_t interval_ns);
	/* How often the lock has changed hands between two threads. */
	uint64_t (*switches)(void *gil);
};

static ALWAYS_INLINE void gil_enter(const void *impl, void *gil, void *node,
				    bool write)
{
	(void)node, (void)write;
	((const struct gil_impl *)impl)->acquire(gil);
}

static ALWAYS_INLINE void gil_leave(const void *impl, void *gil, void *node,
				    bool write)
{
	(void)node, (void)write;
	((const struct gil_impl *)impl)->release(gil);
}

#define REGISTER_GIL(...)                                                      \
	static const struct gil_impl implementation = { __VA_ARGS__ };         \
	SECTION_BIND(gil_enter, gil_leave, touch_exclusive)                    \
	REGISTRATION("gil", section_bound)

#endif
