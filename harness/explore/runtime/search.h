/* SPDX-License-Identifier: MIT */
/*
 * The search for all consistent executions, each once: TruSt.
 *
 * search.c    what may be added, and what else could have been (revisits)
 * frames.c    the alternatives that are left, in linear memory
 * choose.c    who decides instead of the search: a trace, or chance
 *
 * Source: M. Kokologiannakis, I. Marmanis, V. Gladstein, V. Vafeiadis, "Truly
 * stateless, optimal dynamic partial order reduction" (POPL 2022), algorithm 2.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include "engine.h"

/* Once, before one of the others: takes the model from the page. */
void search_start(void);

/* Explore until there is nothing left or a bound is met; the result is in the
 * page. */
void search_all(void);
void search_random(void); /* modes EXPLORE_RANDOM and EXPLORE_PCT */

enum added {
	ADDED,
	ADDED_NOT,  /* it has nothing to read from: blocked */
	ADDED_DEAD, /* only other executions go on from here */
	ADDED_BOUND,
};

/* For engine.c: which of the threads in the set adds its event; -1: none. */
int search_turn(uint32_t asking);
/* Add op as the next event of the thread; of an update both. */
enum added search_add(struct graph *g, unsigned thread, struct op *op);
/* The write of an update whose read is the thread's last event, and exclusive.
 */
enum added search_add_write(struct graph *g, unsigned thread,
			    const struct op *op);
/* Do the reads of a loop, the thread's events from this index on, see what was
 * the newest when they were added? If not, no revisit will ever change them. */
bool search_stale(const struct graph *g, unsigned thread, unsigned index);
/* Do they see the newest now? */
bool search_up_to_date(const struct graph *g, unsigned thread, unsigned index);

/*
 * A trace: what was decided at each event, in the order of addition.
 */
struct step {
	uint8_t thread;
	/* what it reads from, and the write that it follows in co, as thread
	 * and index; thread 0xff: the initial write, or does not read or write
	 */
	uint8_t rf_thread, co_thread;
	uint16_t rf_index, co_index;
	uint64_t choice;
};

/* Run once, deciding as in steps; returns the graph (the ending is in *ending),
 * NULL if the program does not do what they say. A violation may end it before
 * the last of them. */
struct graph *search_follow(const struct step *steps, unsigned n,
			    enum ending *ending);

/*
 * Between the three files.
 */
struct item {
	enum {
		OTHER_CHOICE,  /* at: the event; a: the choice */
		OTHER_READ,    /* at: the read; a: another write to read from */
		OTHER_PLACE,   /* at: the write; a: another place, after a */
		REVISIT,       /* at: the write; a: the read that reads it */
		REVISIT_PLACE, /* at: the write; a: the read; b: the place */
	} kind;
	eid at, a, b;
};

/* An alternative, to be tried before all others. */
void frames_push(struct item item);

/* Set: the search does not decide. n candidates, in the order in which the
 * search would try them; -1: none of them is what was asked for. */
struct chooser {
	int (*turn)(uint32_t asking);
	int (*among)(const struct graph *g, const struct event *e,
		     const eid *candidates, unsigned n);
};
extern const struct chooser *chooser;

/* Push what w revisits; rival: the read of the update that read the same, or
 * NOTHING. */
void search_revisit(const struct graph *g, eid w, eid rival);
/* The places of a write, and of what reads from it, in g: co-last first. */
unsigned search_places(const struct graph *g, const struct event *w,
		       const struct event *reader, eid *places);
/* The exclusive read that reads the same write as this update; or NOTHING. */
eid search_rival(const struct graph *g, const struct event *w);
bool search_fresh(const struct graph *g, const struct event *r, eid w);
bool search_consistent(const struct graph *g, const struct event *e);

#endif
