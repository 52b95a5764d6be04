/* SPDX-License-Identifier: MIT */
/*
 * What the files call_*.c share: how a call of the program's to the system or
 * to a library becomes a small program of events.
 *
 * Every `__wrap_NAME` answers the program's references to NAME. On no fiber it
 * does the real thing, by its plain name: only references of the program's are
 * wrapped, not those of this library.
 */
#ifndef CALL_H
#define CALL_H

#include "engine.h"
#include "kept.h"
#include "memory.h"
#include "options.h"
#include "violation.h"

#include <time.h>

#define CALL	    __attribute__((visibility("default")))
#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* A call in progress: what it is, about which object, from where. */
struct call {
	const char *what;
	const void *object, *pc;
};

/* In a __wrap_ function itself: its return address is the place. */
#define CALLED(what, object)                                                   \
	((struct call){ what, object, __builtin_return_address(0) })

/* An operation of this call on a hidden location. */
static inline struct op call_op(const struct call *c, enum op_kind kind,
				int order, uintptr_t key)
{
	return (struct op){ .kind = (uint8_t)kind,
			    .order = (int8_t)order,
			    .failed = __ATOMIC_RELAXED,
			    .size = 8,
			    .key = key,
			    .pc = c->pc,
			    .what = c->what,
			    .object = c->object };
}

/* A look at a hidden location before what a report shows of the call. */
static inline uint64_t call_look(const struct call *c, uintptr_t key, int order)
{
	struct op op = call_op(c, OP_READ, order, key);

	op.quiet = true;
	return op_do(&op);
}

static inline void call_write(const struct call *c, uintptr_t key, int order,
			      uint64_t value)
{
	struct op op = call_op(c, OP_WRITE, order, key);

	op.operand = value;
	op_do(&op);
}

/* Initialisation of an object with two hidden locations: it is the program's
 * business that all use of it happens after. */
static inline void call_begin(const struct call *c, uintptr_t key,
			      uint64_t value, uintptr_t second,
			      uint64_t second_value)
{
	struct op op = call_op(c, OP_WRITE, __ATOMIC_RELAXED, key);

	op.operand = value;
	op.quiet = true;
	op_do(&op);
	call_write(c, second, __ATOMIC_RELAXED, second_value);
}

static inline bool call_admits_none(const struct op *op, uint64_t value)
{
	(void)op, (void)value;
	return false;
}

/*
 * The thread goes no further: there is another execution in which it has made
 * the choice that fits here. So a call whose condition does not hold is a
 * read-modify-write that writes nothing, and then this, rather than one that
 * waits for the condition.
 */
static inline void call_drop(const struct call *c, uintptr_t key)
{
	struct op op = call_op(c, OP_READ, __ATOMIC_RELAXED, key);

	op.admits = call_admits_none;
	op.moot = true;
	op.quiet = true;
	op_do(&op);
}

/* Before the first event of a call on an object: it has to be there. */
static inline void call_check(const struct call *c, size_t size)
{
	memory_check((uintptr_t)c->object, size, c->what, c->pc);
}

/* Hidden values of an object that has been destroyed have this bit; no other
 * value does. */
#define DESTROYED (UINT64_C(1) << 63)

static inline void call_alive(const struct call *c, uint64_t value)
{
	if (unlikely(value & DESTROYED))
		violation_raise(LOCK_MISUSE, c->pc, "%s after destroy",
				c->what);
}

/*
 * A wait that has a deadline can end in two ways, and which is a choice: the
 * deadline passes at any moment, but only if what is waited for is not there.
 */
enum wait_end { WAIT_DONE, WAIT_EXPIRED };

/* Time: call_time.c. Clocks are each thread's own, in nanoseconds of
 * CLOCK_MONOTONIC. */
#define NEVER UINT64_MAX

uint64_t time_now(void);
void time_pass(uint64_t until); /* for the calling thread */
/* A deadline on CLOCK_MONOTONIC or CLOCK_REALTIME; false: no valid time. */
bool time_deadline(const struct timespec *t, uint64_t *deadline);
bool time_interval(const struct timespec *t, uint64_t *deadline);
/* May the wait for this deadline end by it, and is that to be explored? */
bool time_may_pass(uint64_t deadline);
enum wait_end time_choose(const struct call *c, uint64_t deadline);
void time_expire(uint64_t deadline); /* it did */
void time_created(unsigned thread);
void time_joined(unsigned thread);

/* Mutexes for conditions: call_mutex.c. */
unsigned mutex_release(const struct call *c); /* how often it was held */
void mutex_regain(const struct call *c, unsigned depth);

/* Thread-specific data: call_key.c. */
void key_destructors(void);

/* Threads: call_thread.c. */
unsigned thread_system_number(unsigned thread); /* as gettid(2) */

#endif
