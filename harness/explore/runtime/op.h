/* SPDX-License-Identifier: MIT */
/*
 * What a thread of the program asks of the search: one event of the execution
 * graph. Everything that threads can tell each other goes through op_do: the
 * compiler's atomic calls (hooks.c) ask for one event each, a system or library
 * call (call_*.c) is a small program of several.
 *
 * A call's own state lives in hidden locations: their keys never meet an
 * address of the program's, their first value is 0, and they have all the
 * semantics of 8-byte atomics. So a mutex is a ticket and an await,
 * and a futex word has a hidden queue.
 */
#ifndef OP_H
#define OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum op_kind {
	OP_READ,
	OP_WRITE,
	OP_UPDATE, /* read-modify-write; may write nothing, then it is a read */
	OP_FENCE,
	OP_CREATE, /* of a thread: answers its number; happens before it */
	OP_CHOICE, /* answers a number below `operand`, each in its turn */
};

struct op {
	uint8_t kind;  /* enum op_kind */
	int8_t order;  /* __ATOMIC_...; of success, where it may fail */
	int8_t failed; /* OP_UPDATE: order if it writes nothing */
	uint8_t size;  /* bytes */
	uintptr_t key; /* address, or a hidden key; 0 for fences, ... */
	uint64_t operand, expected;
	/* OP_UPDATE: what it writes instead of `read`; false: nothing. */
	bool (*update)(const struct op *op, uint64_t read, uint64_t *written);
	/* An await (OP_READ): only such values may be read, the thread is
	 * blocked until there is one. NULL: any value. Depends on op and value
	 * alone. */
	bool (*admits)(const struct op *op, uint64_t value);
	/* The load that this thread did just before has to be up to date still:
	 * what is read here must not tell of a newer write to its location. (A
	 * futex wait compares and enqueues in one step.) */
	bool fresh;
	/* Blocked here for ever is no deadlock: another choice of the same
	 * thread goes on (a timeout that comes too late). */
	bool moot;
	/* An event that the report need not show. */
	bool quiet;
	const void *pc;	  /* return address in the program */
	const char *what; /* "futex wait", "pthread_mutex_lock"; NULL: access */
	const void *object; /* the program's object that a call is about */
};

/* Hidden locations, by what they are for. The program's addresses have their
 * upper 16 bits clear. */
enum hidden {
	HIDDEN_QUEUE = 1, /* sleepers on a futex word */
	HIDDEN_LOCK,	  /* tickets of a mutex, word of an rwlock, ... */
	HIDDEN_TURN,	  /* whose turn it is */
	HIDDEN_SLEEPERS,  /* waiters of a condition */
	HIDDEN_THREAD,	  /* 1 once that thread has ended */
	HIDDEN_OTHER,
};

static inline uintptr_t hidden_key(enum hidden kind, uintptr_t what)
{
	return (uintptr_t)kind << 56 | what;
}

/*
 * Add the event, and wait until it has been added. Returns the value read, the
 * new thread's number or the choice; 0 for the others. An update's caller finds
 * out by `update` itself whether it wrote (same op, same value: same answer).
 * May not return: then the execution is over. Call it on a thread of the
 * program only.
 */
uint64_t op_do(struct op *op);

unsigned op_thread(void); /* number of the calling thread, main is 0 */

/* A choice of n; the first is the one that goes on where others may not. */
unsigned op_choose(unsigned n, const char *what, const void *pc);

/* The thread is in a loop whose turns differ in nothing but their number: until
 * it does something else, loads repeated at the same place see what they saw.
 */
void op_relax(void);

#endif
