/* SPDX-License-Identifier: MIT */
/*
 * A queue of sleepers, in one 8-byte value of a hidden location.
 *
 * bits 0-47   up to eight sleepers, first in lowest bits, no holes; each is the
 *             number of its thread plus one (4 bits) and the class of its mask
 *             (2 bits)
 * bits 48-62  the threads that the write of *this* value has taken out
 * bit  63     the object that it belongs to has been destroyed
 *
 * A sleeper waits for a write that has taken it out, of which there is one, so
 * that it has one write to read from. Queues change by read-modify-writes only:
 * each write is co-after the one that it has read, and nobody sees a queue that
 * another has changed already.
 */
#ifndef CALL_QUEUE_H
#define CALL_QUEUE_H

#include "call.h"

enum queue_end { QUEUE_WOKEN, QUEUE_EXPIRED, QUEUE_SPURIOUS, QUEUE_EINTR };

enum { QUEUE_ALL = 15 /* wake every sleeper */ };
#define QUEUE_ANY_MASK UINT32_MAX

/* The calling thread goes to sleep. fresh: only if what it read just before is
 * still so. */
void queue_enter(const struct call *c, uintptr_t key, uint32_t mask,
		 bool fresh);

/* Having gone to sleep, sleep on; eintr: may be interrupted by a signal. */
enum queue_end queue_sleep(const struct call *c, uintptr_t key,
			   uint64_t deadline, bool eintr);

/* Wake up to n sleepers with one of the mask's bits. Returns how many. */
unsigned queue_wake(const struct call *c, uintptr_t key, unsigned n,
		    uint32_t mask);

/* Wake up to n and let up to `moves` others sleep on at another queue of the
 * same kind. fresh as above. Returns how many of both. */
unsigned queue_move(const struct call *c, enum hidden kind, const void *from,
		    const void *to, unsigned n, unsigned moves, bool fresh);

/* Take the first out; its number plus one, 0: nobody was there. */
unsigned queue_pop(const struct call *c, uintptr_t key);
/* Nothing, but only while nobody sleeps. */
void queue_expect_none(const struct call *c, uintptr_t key);
/* The calling thread leaves by itself; not if it has been taken out. */
void queue_leave(const struct call *c, uintptr_t key);

/* The object is gone. False: somebody sleeps there. */
bool queue_destroy(const struct call *c, uintptr_t key);

#endif
