/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the perturb runtime know of each other.
 */
#ifndef RUNTIME_H
#define RUNTIME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../primitives/sync.h"
#include "perturb.h"

/* ---- threads.c ---- */

/* What the others may expect of a thread. */
enum standing {
	RUNNING,
	BLOCKED, /* in a call that may wait for others */
	HELD,	 /* by this runtime */
	GONE,	 /* has ended, or is machinery */
};

/* Something that was done to a thread, for perturb_describe. */
struct act {
	uint32_t step;
	const void *pc;
};

enum { MAX_THREADS = 256, MAX_ACTS = 4, MAX_PLACES = 2, CALLERS = 16 };

/*
 * A thread of the trial. They lie in memory that the parent sees, in the order
 * of their creation; the first is the one that runs the law. All but the
 * atomics is for the thread itself (or its creator, before it runs).
 */
struct thread {
	_Alignas(CACHE_LINE) _Atomic uint32_t steps; /* in the implementation */
	/* those of them that changed something: a thread that only reads, again
	 * and again, goes round in circles until others move */
	_Atomic uint32_t moves;
	_Atomic uint8_t standing;
	_Atomic int tid;

	uint32_t index;
	uint32_t reads; /* steps since the last that changed something */
	bool busy;	/* in this runtime: a signal handler's steps are none */
	uint64_t random;
	uint64_t patience_ns; /* how long it may still be held, in all */

	/* return addresses of the instrumented functions that it is in */
	unsigned depth;
	const void *callers[CALLERS];

	/* what the strategies know of it */
	uint32_t target[MAX_ACTS]; /* steps at which to act, 0: none */
	uint32_t acts_left;	   /* at places */
	uint32_t last_place;
	_Atomic uint32_t priority; /* the greater goes first */
	uint32_t seen;		   /* of those before it, when last asked */

	uint32_t n_acts; /* the latest MAX_ACTS are kept */
	struct act acts[MAX_ACTS];

	void *(*start)(void *);
	void *argument;
};

extern struct thread *threads;	       /* MAX_THREADS of them */
extern _Atomic uint32_t threads_count; /* beyond it they are not known */
extern _Thread_local struct thread *self
	__attribute__((tls_model("initial-exec")));

void threads_prepare(void);
void threads_begin(void);

static inline uint32_t threads_known(void)
{
	uint32_t n = atomic_load_explicit(&threads_count, memory_order_acquire);

	return n < MAX_THREADS ? n : MAX_THREADS;
}

/* Sleep or yield as HELD. Keeps errno. */
void thread_sleep(struct thread *t, uint64_t ns);

void thread_acted(struct thread *t, const void *pc);

/* xorshift64*: 64 bits of which the upper ones are the better. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

/* 0 .. n - 1 */
static inline uint32_t random_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(((random_next(state) >> 32) * n) >> 32);
}

/* A generator of its own for each number under one seed. */
uint64_t random_stream(uint64_t seed, uint64_t number);

/* ---- steps.c ---- */

/* A step of the implementation as the strategies see it. An atomic access has
 * two points of one step, all others one. */
enum point {
	BEFORE_READ,
	BEFORE_WRITE,
	BEFORE_ATOMIC,
	AFTER_ATOMIC,
	BEFORE_CALL,
	AFTER_CALL, /* a step of its own */
};

void step_at(struct thread *t, const void *pc, enum point point);

/* The step has changed something that others may see. */
static inline void step_moves(struct thread *t)
{
	t->reads = 0;
}

/* It waits by reading and would do so for ever. */
void step_circles(struct thread *t);

/* One in so many weak compare-exchanges of the implementation fails; 0: none.
 * Set by a strategy's begin. */
extern uint32_t weak_fails_in;

bool step_fails_weakly(struct thread *t, const void *pc);

/* ---- targets.c ---- */

/* Draw n steps, at most MAX_ACTS, for this trial; or, if n is 0, places. */
void targets_draw(uint64_t *random, const struct perturbation *p, unsigned n);
void targets_thread(struct thread *t);

/* The target that is due at this point, right after its step (or before a
 * plain access, which leaves nothing behind); -1 if none. Each once. */
int target_reached(struct thread *t, const void *pc, enum point point);

/* " 2:17, 0:3": thread and step */
void targets_describe(char *text, size_t size);

/* ---- places.c ---- */

void places_prepare(void);
void places_begin(void);

/* Those that the trial has come by. */
void places_measure(struct perturb_size *size);

/* It came by here. */
void place_mark(const struct thread *t, const void *pc, enum point point);

/* The same four as in targets.c. */
void places_draw(uint64_t *random, const struct perturbation *p);
void places_thread(struct thread *t);
int place_reached(struct thread *t, const void *pc, enum point point);
void places_describe(char *text, size_t size);

/* ---- strategies ---- */

struct strategy {
	/* before the threads start */
	void (*begin)(const struct perturbation *p);
	/* of each new thread, in its creator */
	void (*thread)(struct thread *t);
	/* at each point of the implementation */
	void (*at)(struct thread *t, const void *pc, enum point point);
	/* appends to the line of perturb_describe */
	void (*describe)(char *text, size_t size);
};

extern const struct strategy strategy_none, strategy_random, strategy_pct,
	strategy_stall;

/* The strategy of this trial; NULL outside of one. */
extern const struct strategy *strategy;
extern struct perturbation perturbation;

/* ---- where.c ---- */

struct range {
	uintptr_t from, to;
};

enum { MAX_RANGES = 256 };

extern struct range where_ranges[MAX_RANGES];
extern unsigned where_count;

void where_prepare(void);

/* Is this an address in the code of an implementation? */
static inline bool where_inside(const void *pc)
{
	for (unsigned i = 0; i < where_count; i++)
		if ((uintptr_t)pc - where_ranges[i].from <
		    where_ranges[i].to - where_ranges[i].from)
			return true;
	return false;
}

/* "unlock primitives/mutex/futex.c:88" for a return address. */
void where_name(const void *pc, char *text, size_t size);

/* ---- memory.c ---- */

enum { ARENA_SIZE = 64 << 20 };

/* SIZE_MAX - ARENA_SIZE outside of a trial: no address is inside. */
extern uintptr_t arena;

void memory_begin(void);
void memory_examine(const volatile void *a, size_t size, const void *pc,
		    const char *what);

/* An access: ends the trial if it touches a block that has been freed. */
static inline void memory_access(const volatile void *a, size_t size,
				 const void *pc, const char *what)
{
	if (unlikely((uintptr_t)a - arena < ARENA_SIZE))
		memory_examine(a, size, pc, what);
}

#endif
