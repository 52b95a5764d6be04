/* SPDX-License-Identifier: MIT */
/*
 * Counter: a number that many threads add to. The tutorial's Counter class.
 *
 * 64 bits, wraps round. All-zero = 0 unless IMPL_NEEDS_INIT.
 * read returns the sum of all adds that happen before it, and of any subset of
 * those that run at the same time.
 *
 * Memory order: what happens before an add happens before a read that counts
 * it.
 */
#ifndef COUNTER_H
#define COUNTER_H

#include "register.h"

struct counter_impl {
	struct implementation id;
	/* Optional. 0 or SYNC_NO_MEMORY. */
	int (*init)(void *counter);
	/* Optional. */
	void (*destroy)(void *counter);
	void (*add)(void *counter, uint64_t n);
	uint64_t (*read)(void *counter);
};

static ALWAYS_INLINE void counter_enter(const void *impl, void *counter,
					void *node, bool write)
{
	(void)node, (void)write;
	((const struct counter_impl *)impl)->add(counter, 1);
}

static ALWAYS_INLINE void counter_leave(const void *impl, void *counter,
					void *node, bool write)
{
	(void)impl, (void)counter, (void)node, (void)write;
}

#define REGISTER_COUNTER(...)                                                  \
	static const struct counter_impl implementation = { __VA_ARGS__ };     \
	SECTION_BIND(counter_enter, counter_leave, touch_nothing)              \
	REGISTRATION("counter", section_bound)

#endif
