/* SPDX-License-Identifier: MIT */
/*
 * Condition variable: wait for a change of what a mutex guards. Python's
 * Condition.
 *
 * Works with any mutex of any family and with recursive mutexes, whose whole
 * depth is released (guard.h). Waiters that wait at the same time use the same
 * mutex. Object as for a mutex.
 *
 * A waiter holds the mutex on entry and again on return, whatever the result.
 * Releasing and starting to wait are one step: a signal sent by a thread that
 * acquires the mutex after the waiter has released it is not lost. Signals may
 * be sent with or without the mutex. Returns without a signal are allowed: wait
 * in a loop. A waiter that times out never swallows a signal that another one
 * needed: n signals wake at least min(n, waiters) waiters of those that were
 * waiting when the signal was sent. To send it takes no longer because those
 * that it wakes wait again at once.
 *
 * Memory order: none of its own; the mutex orders what it guards.
 */
#ifndef COND_H
#define COND_H

#include "guard.h"
#include "register.h"

struct cond_impl {
	struct implementation id;
	/* Optional. 0 or SYNC_NO_MEMORY. */
	int (*init)(void *cond);
	/* Optional. Nobody waits; waiters that were woken may still be on their
	 * way out only if they no longer touch the object. */
	void (*destroy)(void *cond);
	void (*wait)(void *cond, const struct guard *g);
	/* 0 or SYNC_TIMEOUT. */
	int (*timedwait)(void *cond, const struct guard *g, uint64_t deadline);
	/* Wake at least min(n, waiters). n = 0 does nothing. */
	void (*signal)(void *cond, unsigned n);
	void (*broadcast)(void *cond);
};

#define REGISTER_COND(...)                                                     \
	static const struct cond_impl implementation = { __VA_ARGS__ };        \
	REGISTRATION("cond", NULL)

#endif
