/* SPDX-License-Identifier: MIT */
/*
 * Litmus programs: a few threads that access a few locations, straight on.
 *
 *	x=0 y=0
 *	{ W.rlx x 1; r0 = R.sc y }
 *	{ r0 = X.acq_rel y 1; F.sc; W.rel x r0 }
 *
 * W store, R load, X exchange, A fetch_add, C compare-exchange (order, order of
 * failure, location, expected, desired: `C.acq_rel.rlx x 0 1`), F fence, and
 * `await.acq x 1`: load until that is the value. `lock.acq x 0 1` is a
 * compare-exchange until it succeeds, `tas.acq x 1` an exchange until it reads
 * something else. Operands are numbers or
 * registers, of which each thread has its own. In front of the program there
 * may be what is expected of it:
 *
 *	# a comment
 *	allowed rc11 tso: 0:r0=0 1:r0=0 x=1
 *	forbidden sc: 0:r0=0 1:r0=0
 *	executions rc11: 4
 */
#ifndef LITMUS_H
#define LITMUS_H

#include <stdbool.h>
#include <stdint.h>

enum {
	THREADS = 4,
	INSTRUCTIONS = 8, /* a thread */
	LOCATIONS = 4,
	REGISTERS = 4, /* a thread */
	CLAIMS = 16,
};

enum model { RC11, SC, TSO, MODELS };
extern const char *const model_names[MODELS];

enum kind {
	LOAD,
	STORE,
	EXCHANGE,
	ADD,
	COMPARE,
	LOCK,
	TAS,
	AWAIT,
	FENCE,
	KINDS
};

struct operand {
	bool is_register;
	int value; /* or the register's number */
};

struct instruction {
	enum kind kind;
	int order, failed; /* __ATOMIC_RELAXED, ... */
	int location;
	int target;	      /* register for what is read; -1: none */
	struct operand value; /* stored, added, desired, awaited */
	struct operand expected;
};

static inline bool spins(const struct instruction *i)
{
	return i->kind == AWAIT || i->kind == LOCK || i->kind == TAS;
}

struct code {
	int length;
	struct instruction at[INSTRUCTIONS];
};

/* What a complete execution leaves: four bits a register, and a location. */
struct outcome {
	uint64_t registers, memory;
};

struct claim {
	enum { ALLOWED, FORBIDDEN, EXECUTIONS } what;
	unsigned models; /* a bit each */
	struct outcome mask, outcome;
	unsigned executions;
	char text[128];
};

struct litmus {
	int locations, threads;
	char name[LOCATIONS][8];
	int initial[LOCATIONS];
	struct code code[THREADS];
	int claims;
	struct claim claim[CLAIMS];
};

/* NULL, or what is wrong with the text. */
const char *litmus_parse(const char *text, struct litmus *l);
/* Writes the program (without claims) as one line of at most n bytes. */
void litmus_print(const struct litmus *l, char *to, unsigned long n);

static inline bool outcome_equal(struct outcome a, struct outcome b)
{
	return a.registers == b.registers && a.memory == b.memory;
}

static inline void outcome_register(struct outcome *o, int thread, int r, int v)
{
	int shift = 4 * (thread * REGISTERS + r);

	o->registers &= ~(UINT64_C(15) << shift);
	o->registers |= (uint64_t)(v & 15) << shift;
}

static inline void outcome_location(struct outcome *o, int location, int v)
{
	o->memory &= ~(UINT64_C(15) << 4 * location);
	o->memory |= (uint64_t)(v & 15) << 4 * location;
}

/* How often each outcome was seen. */
enum { OUTCOMES = 8192 };

struct tally {
	uint64_t executions; /* complete */
	uint64_t stuck;	     /* an await that nothing can end */
	uint64_t lost;	     /* outcomes that had no room */
	struct count {
		struct outcome outcome;
		uint64_t n; /* 0: the place is free */
	} count[OUTCOMES];
};

static inline void tally_add(struct tally *t, struct outcome o)
{
	uint64_t hash = (o.registers ^ o.memory << 32) * 0x9e3779b97f4a7c15;

	t->executions++;
	for (unsigned i = 0; i < OUTCOMES; i++) {
		struct count *c = &t->count[(hash >> 40 ^ i) % OUTCOMES];

		if (c->n && !outcome_equal(c->outcome, o))
			continue;
		c->outcome = o;
		c->n++;
		return;
	}
	t->lost++;
}

/* All consistent executions by brute force: oracle.c. False: more than `limit`
 * candidates. */
bool oracle(const struct litmus *l, enum model model, uint64_t limit,
	    struct tally *t);

/* A random program for this seed. */
struct litmus litmus_random(uint64_t seed);

#endif
