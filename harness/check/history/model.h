/* SPDX-License-Identifier: MIT */
/*
 * A model: what the operations of a kind may answer, as a sequential machine.
 * One file history/model_KIND.c is one model; its last statement registers it.
 *
 * A client is a small concurrent program over one object, a history what one
 * run of it has done. A history is right if there is an order of the steps of
 * its operations, each between invocation and response, in which the machine
 * gives the same answers, and after which each operation that has not returned
 * may wait for ever (judge.h).
 *
 * Most operations are one step. One that others see coming (the wait at a
 * barrier) makes a step to arrive and another one to leave; its thread has
 * nothing else to do in between, so the state keeps who has arrived by thread.
 */
#ifndef MODEL_H
#define MODEL_H

#include "../../../primitives/register.h"

enum {
	CLIENT_THREADS = 4,
	/* drawn for a thread; one more may be added to give back what it has */
	CLIENT_DRAWN = 5,
	CLIENT_OPS = CLIENT_DRAWN + 1,
	/* at the end, by the thread that has waited for all others */
	CLIENT_LAST = 24,
	HISTORY_OPS = CLIENT_THREADS * CLIENT_OPS + CLIENT_LAST,
	PARAMETERS = 2,
};

/* What a thread does before an operation: so many turns of spinning, or give
 * its time slice away, or sleep. */
enum { PAUSE_TURNS = 100, PAUSE_YIELD = 254, PAUSE_SLEEP };

/* No answer yet: the operation has not returned. */
enum { NO_ANSWER = -1 };

/* One operation of a client and, where it belongs to a history, its outcome. */
struct op {
	uint8_t code; /* of the model's operations */
	uint8_t thread;
	uint8_t pause;	/* before it */
	bool open;	/* cut off by us: it may or may not happen */
	int argument;	/* see enum argument */
	int answer;	/* SYNC_OK ..., or a truth, or NO_ANSWER */
	uint64_t value; /* what else it has handed out */
	/* Places in the order of events, from 1; 0: has not returned. */
	uint32_t invoked, responded;
};

struct client {
	unsigned threads;
	unsigned n[CLIENT_THREADS];
	struct op ops[CLIENT_THREADS][CLIENT_OPS];
	int parameters[PARAMETERS]; /* of the object: the model's meaning */
};

struct history {
	unsigned n;
	struct op ops[HISTORY_OPS];
};

/* The machine's state: a model's own struct lies in it, zeroed at first, so
 * that equal states are equal bytes. */
struct state {
	_Alignas(8) unsigned char bytes[64];
};

#define MODEL_STATE __attribute__((may_alias))

enum step {
	CANNOT,	  /* not now, or not with this answer; the state is unchanged */
	MORE,	  /* it has made a step and is not done */
	FINISHED, /* the last one */
};

/* What an argument is drawn from, and how it is shown. */
enum argument {
	NOTHING,
	UP_TO,	/* 1 .. range */
	BELOW,	/* 0 .. range - 1 */
	WITHIN, /* a deadline so many microseconds ahead */
	OWN,	/* the operation's place in the client, distinct for each */
};

enum answer {
	NO_RESULT,
	RESULT, /* enum sync_result */
	TRUTH,
	NUMBER,	       /* op.value */
	RESULT_NUMBER, /* op.value if SYNC_OK */
};

/* When a thread may call it, by what it holds of the object. */
enum when { ALWAYS, FREE_HANDED, HOLDING };

struct operation {
	const char *name;
	size_t hook;	 /* offset in the kind's struct; NULL there: left out */
	unsigned weight; /* how often it is drawn */
	enum argument argument;
	int range;
	enum answer answer;
	enum when when;
	int holds;     /* +1 it takes hold (if SYNC_OK), -1 it lets go */
	bool optional; /* nobody misses it */
	bool gives_up; /* added to the end of each thread */
	unsigned last; /* done at the end up to so often, while SYNC_OK */
};

/* One repetition of a client: what all threads share. */
struct scene {
	const struct registration *subject;
	const struct client *client;
	void *object;
	void *more; /* the model's own, beside the object */
};

/* One thread of it. */
struct actor {
	struct scene *scene;
	const void *impl;
	void *object;
	void *node;
	unsigned thread;
	unsigned held; /* kept by perform */
};

struct dice;

struct model {
	const char *kind;
	const struct operation *operations;
	size_t n;
	/* Optional: parameters of the object. */
	void (*draw)(struct client *c, struct dice *d);
	/* After the object was allocated, zeroed; optional. */
	void (*setup)(struct scene *s);
	void (*teardown)(struct scene *s);
	/* Optional: may it be called now? If not it is left out. */
	bool (*ready)(const struct actor *a, const struct op *op);
	/* Calls it, and sets answer and value. */
	void (*perform)(struct actor *a, struct op *op);

	/* Optional: other than all zero. */
	void (*initial)(struct state *s, const struct client *c);
	enum step (*step)(struct state *s, const struct op *op);
	/* May this operation, which has made all the steps that it can, wait
	 * here for ever? Optional: none may. */
	bool (*stuck)(const struct state *s, const struct op *op);
	/* "the mutex is free" */
	void (*show)(const struct state *s, char *text, size_t size);
};

#define MODEL(...)                                                             \
	static const struct model model = { __VA_ARGS__ };                     \
	__attribute__((section("synclab_model"), used,                         \
		       retain)) static const struct model *const model_entry = \
		&model

#define OPERATIONS(list)                                                       \
	.operations = (list), .n = sizeof(list) / sizeof((list)[0])

/* NULL if there is none for this kind. */
const struct model *model_of(const char *kind);

/* For models. */
static inline uint64_t op_deadline(const struct op *op)
{
	return deadline_in((uint64_t)op->argument * NS_PER_US);
}

/*
 * Who waits for something, or is refused it, busy or too late, has come and is
 * there until it leaves; another one that is refused beside it may have had to
 * wait behind it. Sets of threads.
 */
struct crowd {
	uint8_t coming;
	uint8_t refused; /* of these: those that will leave */
} MODEL_STATE;

/* Come, be refused for a reason, leave. */
static inline enum step crowd_refuse(struct crowd *c, const struct op *op,
				     bool reason)
{
	uint8_t me = (uint8_t)(1 << op->thread);

	if (c->refused & me) {
		c->refused &= (uint8_t)~me;
		c->coming &= (uint8_t)~me;
		return FINISHED;
	}
	if (!(c->coming & me))
		c->coming |= me;
	else if (reason)
		c->refused |= me;
	else
		return CANNOT;
	return MORE;
}

/* Come, take it when that is possible. */
static inline enum step crowd_take(struct crowd *c, const struct op *op,
				   bool possible)
{
	uint8_t me = (uint8_t)(1 << op->thread);

	if (!(c->coming & me)) {
		c->coming |= me;
		return MORE;
	}
	if (!possible)
		return CANNOT;
	c->coming &= (uint8_t)~me;
	return FINISHED;
}

static inline unsigned crowd_others(const struct crowd *c, const struct op *op)
{
	return (unsigned)__builtin_popcount(c->coming & ~(1U << op->thread));
}

#endif
