/* SPDX-License-Identifier: MIT */
/*
 * Time as the profile takes it: ticks of the CPU's own counter, which cost a
 * tenth of a clock reading and are translated when the profile is written; and
 * log-linear histograms of them, 8 buckets for each power of two, so a value is
 * off by at most 6 %.
 *
 * The counter has to run at the same pace on all cores (x86: constant_tsc and
 * nonstop_tsc, as everywhere since 2008; aarch64: always, if slowly).
 *
 * Thread-safe: relaxed counts that publish nothing.
 */
#ifndef PROFILE_TIMES_H
#define PROFILE_TIMES_H

#include <time.h>

#include "../../../primitives/sync.h"

enum {
	TIMES_SUB_BITS = 3,
	TIMES_SUB = 1 << TIMES_SUB_BITS,
	/* Up to 2^44 ticks, an hour or more; longer ones are in the last. */
	TIMES_BUCKETS = (44 - TIMES_SUB_BITS + 1) * TIMES_SUB,
};

struct times {
	_Atomic uint32_t counts[TIMES_BUCKETS];
};

static ALWAYS_INLINE uint64_t ticks(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t t;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(t));
	return t;
#else
	return now_ns();
#endif
}

static inline unsigned times_bucket(uint64_t t)
{
	if (t < TIMES_SUB)
		return (unsigned)t;

	unsigned shift = 63u - (unsigned)__builtin_clzll(t) - TIMES_SUB_BITS;
	unsigned bucket =
		(shift + 1) * TIMES_SUB + (unsigned)(t >> shift) - TIMES_SUB;

	return bucket < TIMES_BUCKETS ? bucket : TIMES_BUCKETS - 1;
}

/* The middle of a bucket. */
static inline double times_middle(unsigned bucket)
{
	if (bucket < TIMES_SUB)
		return bucket;

	unsigned shift = bucket / TIMES_SUB - 1;
	double width = (double)(UINT64_C(1) << shift);

	return (bucket % TIMES_SUB + TIMES_SUB + 0.5) * width;
}

static inline void times_add(struct times *h, uint64_t t)
{
	atomic_fetch_add_explicit(&h->counts[times_bucket(t)], 1,
				  memory_order_relaxed);
}

/* CPU time of the calling thread. */
static inline uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* How many ticks a nanosecond has, from two readings of both clocks. */
struct pace_of_ticks {
	uint64_t ticks, ns;
};

static inline struct pace_of_ticks pace_now(void)
{
	return (struct pace_of_ticks){ ticks(), now_ns() };
}

static inline double ticks_per_ns(struct pace_of_ticks from,
				  struct pace_of_ticks to)
{
	return to.ns > from.ns && to.ticks > from.ticks
		       ? (double)(to.ticks - from.ticks) /
				 (double)(to.ns - from.ns)
		       : 1;
}

#endif
