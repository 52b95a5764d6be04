/* SPDX-License-Identifier: MIT */
/*
 * The vocabulary of every primitive: futexes, deadlines, spinning, results.
 *
 * Units:        every time is in nanoseconds of CLOCK_MONOTONIC, 64 bits.
 * Deadlines:    absolute. DEADLINE_NEVER waits for ever, 0 has always passed.
 * Results:      0 or one of the codes below; never -1 with errno.
 * Thread-safe:  all of it.
 */
#ifndef SYNC_H
#define SYNC_H

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/*
 * What an operation may answer. The values are errno values so that strerror
 * and a C library's callers understand them; the names are the lab's.
 */
enum sync_result {
	SYNC_OK = 0,
	SYNC_BUSY = EBUSY,	    /* a try form would have had to wait */
	SYNC_TIMEOUT = ETIMEDOUT,   /* the deadline passed first */
	SYNC_NOT_OWNER = EPERM,	    /* the caller does not hold it */
	SYNC_OVERFLOW = EOVERFLOW,  /* a count would leave its range */
	SYNC_INVALID = EINVAL,	    /* the arguments make no sense */
	SYNC_CLOSED = EPIPE,	    /* queue closed, executor shut down */
	SYNC_BROKEN = ECONNABORTED, /* barrier aborted or timed out */
	SYNC_CANCELED = ECANCELED,  /* future cancelled before it started */
	SYNC_NO_MEMORY = ENOMEM,
	SYNC_NO_THREAD = EAGAIN, /* the system refused another thread */
};

#define DEADLINE_NEVER UINT64_MAX
#define NS_PER_S       UINT64_C(1000000000)
#define NS_PER_MS      UINT64_C(1000000)
#define NS_PER_US      UINT64_C(1000)

/* Two locks closer than this share a line and slow each other down. */
#define CACHE_LINE 64

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define COLD	      __attribute__((noinline, cold))
#define likely(x)     __builtin_expect(!!(x), 1)
#define unlikely(x)   __builtin_expect(!!(x), 0)

static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static inline bool deadline_passed(uint64_t deadline)
{
	return deadline != DEADLINE_NEVER && now_ns() >= deadline;
}

/* The deadline that lies ns from now; never wraps round. */
static inline uint64_t deadline_in(uint64_t ns)
{
	uint64_t now = now_ns();

	return ns > DEADLINE_NEVER - now ? DEADLINE_NEVER : now + ns;
}

/* For POSIX calls on CLOCK_MONOTONIC; DEADLINE_NEVER becomes far future. */
static inline struct timespec deadline_timespec(uint64_t deadline)
{
	/* The kernel refuses seconds beyond 2^63 ns; 200 years are enough. */
	const uint64_t far = UINT64_C(200) * 365 * 86400 * NS_PER_S;
	uint64_t d = deadline < far ? deadline : far;

	return (struct timespec){ .tv_sec = (time_t)(d / NS_PER_S),
				  .tv_nsec = (long)(d % NS_PER_S) };
}

/*
 * Sleep while *word == expected, until woken or the deadline passes.
 * Returns 0 (woken, perhaps for no reason), EAGAIN (the word differs already),
 * EINTR (a signal handler ran) or ETIMEDOUT. Only ETIMEDOUT says anything about
 * the world: after each of the others the caller reads the word again.
 *
 * Memory order: none is promised to C11; the caller's own load of the word
 * carries the acquire.  The kernel compares and enqueues in one step with
 * respect to futex_wake on the same word (futex(2)).
 *
 * bits says what kind of sleeper this is, for futex_wake_bits; never 0.
 */
static inline int futex_wait_bits(const _Atomic uint32_t *word,
				  uint32_t expected, uint64_t deadline,
				  uint32_t bits)
{
	struct timespec t = deadline_timespec(deadline);

	/* WAIT_BITSET, since plain WAIT takes a relative timeout. */
	long r = syscall(SYS_futex, word,
			 FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
			 deadline == DEADLINE_NEVER ? NULL : &t, NULL, bits);

	return r == 0 ? 0 : errno;
}

static inline int futex_wait(const _Atomic uint32_t *word, uint32_t expected,
			     uint64_t deadline)
{
	return futex_wait_bits(word, expected, deadline,
			       FUTEX_BITSET_MATCH_ANY);
}

/*
 * Wake at most n threads that sleep on word; returns how many. The word is only
 * a key: the memory may be gone already (the wake is then spurious elsewhere).
 */
static inline int futex_wake(const _Atomic uint32_t *word, int n)
{
	return (int)syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, n,
			    NULL, NULL, 0);
}

/* The same, but only threads that sleep with one of these bits. */
static inline int futex_wake_bits(const _Atomic uint32_t *word, int n,
				  uint32_t bits)
{
	return (int)syscall(SYS_futex, word,
			    FUTEX_WAKE_BITSET | FUTEX_PRIVATE_FLAG, n, NULL,
			    NULL, bits);
}

static inline int futex_wake_all(const _Atomic uint32_t *word)
{
	return futex_wake(word, INT_MAX);
}

/*
 * If *from still holds expected, wake n sleepers of from and move up to move
 * others to sleep on to. Returns how many were woken or moved, or -EAGAIN.
 */
static inline int futex_requeue(const _Atomic uint32_t *from, int n, int move,
				const _Atomic uint32_t *to, uint32_t expected)
{
	long r =
		syscall(SYS_futex, from, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG,
			n, (unsigned long)move, to, expected);
	return r >= 0 ? (int)r : -errno;
}

/*
 * The explorer has to know a spin loop as well, and cannot tell one that counts
 * its turns by its state, which is never the same twice. Objects made for
 * ThreadSanitizer say so to whatever runtime they are linked with, if that has
 * the function: only the explorer's has (harness/explore/).
 */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define INSTRUMENTED 1
extern void explore_relax(void) __attribute__((weak));

static inline void explore_a_turn(void)
{
	if (explore_relax)
		explore_relax();
}
#else
#define INSTRUMENTED 0
static inline void explore_a_turn(void)
{
}
#endif

/* So many turns of a spin loop. Instrumented, each lasts many times as long,
 * and an explorer runs all of them again in each execution. */
#define TURNS(n) (INSTRUMENTED ? ((n) + 15) / 16 : (n))

/* Tell the core that this is a spin loop: saves power, helps its sibling. */
static inline void cpu_relax(void)
{
	explore_a_turn();
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("isb" ::: "memory");
#endif
}

/* A turn of a spin loop that lets another thread have the core. */
static inline void yield_core(void)
{
	explore_a_turn();
	sched_yield();
}

/*
 * How a spinning waiter passes the time: a few relaxed turns while the wait is
 * likely to be short, then the rest of the time slice to whoever holds what we
 * wait for. It never sleeps: a waiter stays runnable. Without the yield a lock
 * with more threads than cores makes no progress for whole time slices (4 ms).
 */
struct spinner {
	unsigned turns;
};

/*
 * A turn is one load and one pause, about 20 ns on the machines of 2021, so the
 * budget is about two hand-overs between cores (0.1-0.2 us one way each).
 */
enum { SPIN_TURNS_BEFORE_YIELD = TURNS(32) };

/* One turn of waiting; false once the deadline has passed. */
static inline bool spin_once(struct spinner *s, uint64_t deadline)
{
	if (likely(s->turns < SPIN_TURNS_BEFORE_YIELD)) {
		s->turns++;
		cpu_relax();
		return deadline != 0;
	}
	/* The clock costs as much as two turns: look only when yielding. */
	if (deadline_passed(deadline))
		return false;
	yield_core();
	return true;
}

/*
 * How a waiter passes the time before it sleeps: pauses that double, 1 to 64,
 * about 2 us in all, so that eight looks at the lock's line disturb its holder
 * little. Against 100 looks one pause apart (sections of 50 ns, 2 cores): 1.5
 * times the throughput at two thirds of the CPU time, with 2 to 8 threads.
 * Source: T. Anderson, "The performance of spin lock alternatives" (IEEE TPDS
 * 1990), section III.
 */
struct backoff {
	unsigned pauses, yields;
};

enum { BACKOFF_PAUSES_MAX = TURNS(64) };

/* Wait a while, twice as long as the last time; false when it is time to
 * sleep. */
static inline bool backoff_once(struct backoff *b)
{
	b->pauses = b->pauses ? 2 * b->pauses : 1;
	if (b->pauses > BACKOFF_PAUSES_MAX)
		return false;
	for (unsigned i = 0; i < b->pauses; i++)
		cpu_relax();
	return true;
}

/*
 * The same for a waiter that another thread has to act for (set an event,
 * signal): after the pauses it yields, which costs 0.3 us on an idle core, and
 * gives a busy one to whom it waits for. All of it lasts about 10 us on an idle
 * core, twice a wake-up across cores: less, and of two threads that wake each
 * other one that has slept sends the other one to sleep, for ever. Round trips
 * over a condition against sleeping after 2 us: 16 yields 7 times as many, 32
 * yields 25 times (2 threads on 2 idle cores).
 */
enum { BACKOFF_YIELDS_MAX = TURNS(32) };

static inline bool backoff_or_yield(struct backoff *b)
{
	if (b->yields == 0 && backoff_once(b))
		return true;
	if (b->yields == BACKOFF_YIELDS_MAX)
		return false;
	b->yields++;
	yield_core();
	return true;
}

#endif
