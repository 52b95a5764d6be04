/* SPDX-License-Identifier: MIT */
/*
 * One execution: the program runs from its start, first along the graph that
 * the search hands over (values from the graph, in porf order), then on, each
 * new event decided by the search, until nothing can go on.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include "fiber.h"
#include "graph.h"

enum ending {
	ENDING_COMPLETE,
	ENDING_BLOCKED, /* an await that another execution ends */
	ENDING_DROPPED, /* what the search asked for cannot be */
	ENDING_BOUND,
	ENDING_VIOLATION,
};

enum standing {
	STANDING_NONE,	  /* not created in this execution */
	STANDING_RUNS,	  /* to be resumed */
	STANDING_REPLAYS, /* waits for the writer that its read reads from */
	STANDING_LOOKS,	  /* has replayed a read that a loop may begin with */
	STANDING_ASKS,	  /* op is a new event */
	STANDING_SPINS,	  /* in a loop that has seen nothing new */
	STANDING_ENDED,
};

enum { CALLS_MAX = 64, LOOKS_MAX = 16 };

/* A read since the thread last did something that others can see: another at
 * the same place, in the same state, is a loop. */
struct look {
	const void *pc;
	uintptr_t key;
	uint64_t value, hash; /* of the fiber, when it asked */
	uint16_t index;	      /* of its event */
	unsigned turn;	      /* when the thread has last asked for it */
};

struct thread {
	enum standing standing;
	struct fiber *fiber;
	struct op *op;
	const void *state; /* the stack below op_do's caller, registers too */
	uint64_t answer;
	unsigned next, last; /* indices of its next and of its last event */
	void *(*start)(void *);
	void *argument, *result;
	struct look looks[LOOKS_MAX];
	unsigned looked, repeats, turn;
	unsigned settled; /* replay: looks before this event are forgotten */
	unsigned loop;	  /* STANDING_SPINS: index of the loop's first read */
	unsigned looked_at_clock; /* events when it did, and time stood still */
	const void *weakly;	  /* --weak-fails: the place that failed so */
	bool relaxed;		  /* op_relax since then */
	bool gave_up;		  /* STANDING_SPINS: it has not been proved */
	bool detached, exited;
	/* only while tracing */
	const void *calls[CALLS_MAX];
	unsigned depth;
};

extern struct thread threads[THREADS_MAX];
extern struct thread *running; /* NULL: the scheduler */
extern struct graph *graph;    /* of this execution */
extern uint32_t execution;     /* its number, from 1 */
extern bool tracing;	       /* the run of a report */

/* The program, whose main is thread 0. */
void engine_start(int (*entry)(int, char **, char **), int argc, char **argv,
		  char **envp);

/* op_do (switch.S), which has put its caller's registers at `state`. */
uint64_t engine_do(struct op *op, const void *state);

/* Run the program along g and on to an end. */
enum ending engine_run(struct graph *g);

/* Called by call_thread.c after OP_CREATE has answered: the new thread's fiber
 * starts at function(argument). */
void engine_spawn(unsigned thread, void *(*function)(void *), void *argument);
/* The calling thread ends, after call_thread_ended(). */
_Noreturn void engine_end(void *result);
/* The execution ends here and now: abort, a violation. From a fiber it does not
 * return. */
void engine_stop(enum ending ending);

/* The thread has done something that its spin loop may depend on: a plain write
 * outside of its own stack. */
static inline void engine_effect(struct thread *t)
{
	t->looked = t->repeats = 0;
	t->relaxed = false;
}

#endif
