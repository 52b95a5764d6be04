/* SPDX-License-Identifier: MIT */
/*
 * Semaphore: a count of permits. Python's Semaphore and BoundedSemaphore.
 *
 * init(initial, bound): bound 0 makes a plain semaphore, whose count may rise
 * to SEMAPHORE_MAX; otherwise initial <= bound, and the count never rises
 * above bound. All-zero bytes are a plain semaphore without permits unless
 * IMPL_NEEDS_INIT.
 *
 * With IMPL_FIFO a permit goes to who has waited longest, and nobody who comes
 * later takes it before.
 *
 * Memory order: what happens before release happens before the return of every
 * acquire that takes a permit it gave, and of every later acquire.
 * After release returns, or lets the last acquirer through, the object may be
 * destroyed: release does not touch it once its permits can be taken.
 */
#ifndef SEMAPHORE_H
#define SEMAPHORE_H

#include "register.h"

/* POSIX guarantees no more either (SEM_VALUE_MAX). */
#define SEMAPHORE_MAX 0x7fffffffu

struct semaphore_impl {
	struct implementation id;
	/* 0, SYNC_INVALID (initial above bound or maximum), SYNC_NO_MEMORY. */
	int (*init)(void *semaphore, unsigned initial, unsigned bound);
	/* Optional. */
	void (*destroy)(void *semaphore);
	void (*acquire)(void *semaphore);
	/* 0, or SYNC_BUSY: every permit is taken, or due to one who waits; that
	 * others take and give some at the same time is no reason */
	int (*tryacquire)(void *semaphore);
	/* 0 or SYNC_TIMEOUT; a permit that is there is taken, however late; one
	 * that is not is waited for until the deadline, and no longer, whoever
	 * comes and goes and however often the wait is interrupted */
	int (*timedacquire)(void *semaphore, uint64_t deadline);
	/* Give n permits, all or none: 0, or SYNC_OVERFLOW if the count would
	 * rise above the bound or the maximum. */
	int (*release)(void *semaphore, unsigned n);
	/* The permits of a moment ago. */
	unsigned (*value)(void *semaphore);
};

static ALWAYS_INLINE void semaphore_enter(const void *impl, void *semaphore,
					  void *node, bool write)
{
	(void)node, (void)write;
	((const struct semaphore_impl *)impl)->acquire(semaphore);
}

static ALWAYS_INLINE void semaphore_leave(const void *impl, void *semaphore,
					  void *node, bool write)
{
	(void)node, (void)write;
	((const struct semaphore_impl *)impl)->release(semaphore, 1);
}

#define REGISTER_SEMAPHORE(...)                                                \
	static const struct semaphore_impl implementation = { __VA_ARGS__ };   \
	SECTION_BIND(semaphore_enter, semaphore_leave, touch_counted)          \
	REGISTRATION("semaphore", section_bound)

#endif
