/* SPDX-License-Identifier: MIT */
/*
 * What the interposer has answered, and what it had to leave or to do another
 * way. Thread-safe; relaxed counts that publish nothing.
 */
#ifndef COUNTS_H
#define COUNTS_H

#include "../../primitives/sync.h"

/* COUNT(name, what it says) */
#define COUNTS(COUNT)                                                          \
	COUNT(processes, "processes that have called exit")                    \
	COUNT(calls, "calls of the kinds that were named")                     \
	COUNT(calls_libc, "calls of the C library's own kinds")                \
	COUNT(threads, "threads that took a lock of ours")                     \
	COUNT(waiters, "threads that waited for a condition of ours")          \
	COUNT(mutexes, "mutexes initialised by a call")                        \
	COUNT(conds, "conditions initialised by a call")                       \
	COUNT(rwlocks, "rwlocks initialised")                                  \
	COUNT(semaphores, "semaphores initialised")                            \
	COUNT(barriers, "barriers initialised")                                \
	COUNT(spins, "spinlocks initialised")                                  \
	COUNT(onces, "routines run once")                                      \
	COUNT(mutexes_shared, "mutexes left to libc: shared by processes")     \
	COUNT(mutexes_robust, "mutexes left to libc: robust")                  \
	COUNT(mutexes_priority, "mutexes left to libc: priority protocol")     \
	COUNT(conds_shared, "conditions left to libc: shared by processes")    \
	COUNT(rwlocks_shared, "rwlocks left to libc: shared by processes")     \
	COUNT(semaphores_shared, "semaphores left to libc: shared")            \
	COUNT(barriers_shared, "barriers left to libc: shared by processes")   \
	COUNT(spins_shared, "spinlocks left to libc: shared by processes")     \
	COUNT(outside, "objects too large for their place, kept outside")      \
	COUNT(polled, "timed locks done by trying again and again")            \
	COUNT(mixed, "waits with libc's condition and a mutex of ours")        \
	COUNT(unlocked, "unlocks of a mutex that nobody held")                 \
	COUNT(renewed, "objects renewed in the child of a fork")

#define COUNTS_INDEX(name, text) COUNT_##name,
enum counted { COUNTS(COUNTS_INDEX) COUNTED };

extern _Atomic uint64_t counts[COUNTED];

static inline void count(enum counted what)
{
	/* relaxed: read at exit */
	atomic_fetch_add_explicit(&counts[what], 1, memory_order_relaxed);
}

/* The same, but once for each thread at this place. */
#define count_thread(what)                                                     \
	do {                                                                   \
		static _Thread_local bool counted_                             \
			__attribute__((tls_model("initial-exec")));            \
                                                                               \
		if (unlikely(!counted_)) {                                     \
			counted_ = true;                                       \
			count(what);                                           \
		}                                                              \
	} while (0)

/* In the child of a fork: what has happened is its parent's. */
void counts_forget(void);

/*
 * Add a line of each count that is not 0 to settings.counts, which is there, at
 * once:
 *
 *	PID PROGRAM NAME VALUE
 *
 * with a tab between them.
 */
void counts_write(void);

#endif
