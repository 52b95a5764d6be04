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
	STANDING_ASKS,	  /* op is a new event */
	STANDING_SPINS,	  /* in an await that has seen nothing new */
	STANDING_ENDED,
};

enum { CALLS_MAX = 64, SPIN_READS_MAX = 16 };

struct spin_read {
	const void *pc;
	uintptr_t key;
	uint64_t value, hash;
	uint16_t index; /* of the event */
};

struct thread {
	enum standing standing;
	struct fiber *fiber;
	struct op *op;
	uint64_t answer;
	unsigned next; /* index of its next event */
	void *(*start)(void *);
	void *argument, *result;
	/* reads since the last effect that others can see */
	struct spin_read spin[SPIN_READS_MAX];
	unsigned spins, repeats;
	bool relaxed;
	bool detached, exited;
	int error; /* errno */
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

/* Run the program along g and on to an end. */
enum ending engine_run(struct graph *g);

/* Called by call_thread.c after OP_CREATE has answered: the new thread's fiber
 * starts at function(argument). */
void engine_spawn(unsigned thread, void *(*function)(void *), void *argument);
/* The calling thread ends; does not return. */
_Noreturn void engine_end(void *result);
/* The execution ends here and now: abort, a violation. From a fiber it does not
 * return. */
void engine_stop(enum ending ending);

/* This thread did something that its spin loop may depend on: a plain write
 * outside of its own stack. */
static inline void engine_effect(struct thread *t)
{
	t->spins = 0;
	t->relaxed = false;
}

#endif
