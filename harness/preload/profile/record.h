/* SPDX-License-Identifier: MIT */
/*
 * What is known of each object, and of each place in the program where objects
 * come from.
 *
 * A record belongs to an address and a kind. An object that is initialised
 * again at the same address by the same call goes on in its record; by another
 * call it gets a new one, and the old one is superseded. Records are never
 * freed, so they are found without a lock: a chain is only added to in front.
 *
 * There is memory for so many records, and for the times of fewer; what comes
 * after that is counted together with all others of the same origin.
 *
 * Edges  [A] acquire load of a chain, or of a record's times, pairs with
 *        [B] release of the store that adds to it
 */
#ifndef PROFILE_RECORD_H
#define PROFILE_RECORD_H

#include "../latch.h"
#include "times.h"

enum profile_kind {
	PROFILE_MUTEX,
	PROFILE_RWLOCK,
	PROFILE_COND,
	PROFILE_SEMAPHORE,
	PROFILE_BARRIER,
	PROFILE_SPIN,
	PROFILE_KINDS,
};

extern const char *const profile_kinds[PROFILE_KINDS];

enum { RECORDS_MAX = 1 << 15, RECORDS_TIMED_MAX = 2048, ORIGINS_MAX = 4096 };
enum { RECORD_SITES = 4, RECORD_THREADS = 512 };

/* Timed acquisitions, at random. */
struct record_times {
	struct times wait; /* of all that had to wait, or to turn */
	struct times hold;
	struct times rest; /* from a thread's release to its next acquisition */
};

/* Sums, added to now and then by each thread. */
enum tally {
	TALLY_WRITES, /* acquisitions; those of writers where there are two */
	TALLY_OTHERS, /* readers; of conditions, semaphores: signals, posts */
	TALLY_CONTENDED,
	TALLY_FAILED,	/* tries, and waits that timed out */
	TALLY_WAIT,	/* ticks, of those that were contended */
	TALLY_BURNT_NS, /* of CPU time in some of the waits ... */
	TALLY_BURNT_OF, /* ... that lasted so many ticks */
	TALLY_INITS,
	TALLIES,
};

struct site {
	_Atomic(const void *) address; /* where the call returns to */
	_Atomic uint32_t samples;
};

struct origin;

struct record {
	_Atomic uint32_t last; /* thread that had it last, 0: nobody */
	_Atomic bool superseded;
	_Atomic uint64_t handovers; /* to another thread than the last */
	struct origin *origin;
	_Atomic(struct record_times *) times; /* NULL: none yet */
	_Atomic uint32_t sampled;
	_Alignas(CACHE_LINE) uintptr_t key;
	const void *address; /* NULL: of all that were too many */
	struct record *next, *next_of_all;
	_Atomic uint64_t tallies[TALLIES];
	struct site sites[RECORD_SITES];
	_Atomic uint64_t threads[RECORD_THREADS / 64];
};

/* Where objects come from: the call that initialises them, or, of those that
 * are static, that uses them first. */
struct origin {
	enum profile_kind kind;
	bool by_use;
	const void *site; /* NULL: of all that were too many */
	uint32_t index;
	struct origin *next, *next_of_all;
	struct record *together; /* of all that were too many; or NULL */
	_Atomic(struct record_times *) times; /* of those beyond the limit */
	/* From a thread's release of one of them to its next acquisition of
	 * one, and what it has burnt of some of that. */
	struct times gap;
	_Atomic uint64_t gap_burnt_ns, gap_burnt_of;
};

/* Guards all that is added, and the list of threads. No signal arrives in
 * between, since a handler may never return: it may jump, or end the thread. */
extern struct latch profile_latch;
uint64_t profile_close(void);
void profile_open(uint64_t signals);

extern struct record *_Atomic all_records;
extern struct origin *_Atomic all_origins;
extern uint32_t n_records_merged;

static ALWAYS_INLINE uintptr_t record_key(const void *address,
					  enum profile_kind kind)
{
	return (uintptr_t)address ^ ((uintptr_t)kind + 1) << 56;
}

/* The record of what lies there. NULL: no memory. The caller is busy. */
struct record *record_used(const void *address, enum profile_kind kind,
			   const void *site);
struct record *record_initialised(const void *address, enum profile_kind kind,
				  const void *site);

/* NULL: no memory. The caller is busy. */
struct record_times *record_make_times(struct record *r);

/* One sample more of a call from there. */
void record_site(struct record *r, const void *site);

/* Forget what has been counted: in the child of a fork. */
void records_reset(void);

static inline void tally_add(struct record *r, enum tally what, uint64_t n)
{
	/* relaxed: read when all is over */
	atomic_fetch_add_explicit(&r->tallies[what], n, memory_order_relaxed);
}

static inline struct record_times *record_times(struct record *r)
{
	/* [A] */
	return atomic_load_explicit(&r->times, memory_order_acquire);
}

#endif
