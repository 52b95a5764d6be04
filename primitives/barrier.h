/* SPDX-License-Identifier: MIT */
/*
 * Barrier: nobody passes until all parties have come. Python's Barrier.
 *
 * Reusable round after round. A timeout or abort breaks it: every waiter of the
 * round, and everybody who comes later, gets SYNC_BROKEN until reset. reset of
 * a barrier with waiters breaks those waiters and then restores it.
 *
 * Memory order: what each party does before wait happens before what every
 * party does after the wait of the same round.
 * After its last round, the memory may be freed by any party as soon as all
 * waits have returned. With the flag IMPL_DESTROY_WAITS, any party may destroy
 * it, and then free it, as soon as its own wait has returned, as in POSIX.
 */
#ifndef BARRIER_H
#define BARRIER_H

#include "register.h"

struct barrier_impl {
	struct implementation id;
	/* 0, SYNC_INVALID (no parties), SYNC_NO_MEMORY. */
	int (*init)(void *barrier, unsigned parties);
	/* Optional. */
	void (*destroy)(void *barrier);
	/*
	 * 0, SYNC_BROKEN, or SYNC_TIMEOUT to the one whose deadline passed and
	 * who thereby broke it. *index (may be NULL) is the caller's place in
	 * the round, each of 0 .. parties - 1 once; 0 is the serial one.
	 * Without abort the deadline is DEADLINE_NEVER.
	 */
	int (*wait)(void *barrier, uint64_t deadline, unsigned *index);
	/* Optional, all of them: without, a barrier never breaks. */
	void (*abort)(void *barrier);
	void (*reset)(void *barrier);
	unsigned (*waiting)(void *barrier); /* how many wait just now */
	bool (*broken)(void *barrier);
};

#define REGISTER_BARRIER(...)                                                  \
	static const struct barrier_impl implementation = { __VA_ARGS__ };     \
	REGISTRATION("barrier", NULL)

#endif
