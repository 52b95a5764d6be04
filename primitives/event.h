/* SPDX-License-Identifier: MIT */
/*
 * Event: a flag that threads can wait for. Python's Event.
 *
 * Object as for a mutex; all-zero = clear. A thread that was waiting when set
 * ran always returns, even if clear follows at once.
 *
 * Memory order: what happens before set happens before the return of every wait
 * and every true is_set that this set lets through, and before the return of a
 * clear that undoes it: one may clear, look for work and wait. clear publishes
 * nothing. Who has returned from the last wait may destroy the event: set does
 * not touch it any more.
 */
#ifndef EVENT_H
#define EVENT_H

#include "register.h"

struct event_impl {
	struct implementation id;
	/* Optional. 0 or SYNC_NO_MEMORY. */
	int (*init)(void *event);
	/* Optional. */
	void (*destroy)(void *event);
	void (*set)(void *event); /* wakes all; never blocks for long */
	void (*clear)(void *event);
	bool (*is_set)(void *event);
	void (*wait)(void *event); /* returns at once if set */
	/* 0 or SYNC_TIMEOUT; an event that is set is never a timeout */
	int (*timedwait)(void *event, uint64_t deadline);
};

/* The loop's section: set, wait on what is set, clear. One thread an event. */
static ALWAYS_INLINE void event_enter(const void *impl, void *event, void *node,
				      bool write)
{
	const struct event_impl *i = impl;

	(void)node, (void)write;
	i->set(event);
	i->wait(event);
}

static ALWAYS_INLINE void event_leave(const void *impl, void *event, void *node,
				      bool write)
{
	(void)node, (void)write;
	((const struct event_impl *)impl)->clear(event);
}

#define REGISTER_EVENT(...)                                                    \
	static const struct event_impl implementation = { __VA_ARGS__ };       \
	SECTION_BIND(event_enter, event_leave, touch_nothing)                  \
	REGISTRATION("event", section_bound)

#endif
