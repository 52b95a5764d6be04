/* SPDX-License-Identifier: MIT */
/*
 * The search for all consistent executions, each once: TruSt.
 * Source: M. Kokologiannakis, I. Marmanis, V. Gladstein, V. Vafeiadis, "Truly
 * stateless, optimal dynamic partial order reduction" (POPL 2022), algorithm 2.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include "engine.h"

/* Explore until there is nothing left or a bound is met; the result is in the
 * page. */
void search_all(void);
void search_random(void); /* modes EXPLORE_RANDOM and EXPLORE_PCT */

enum added {
	ADDED,
	ADDED_NOT,  /* an await without a write to read from: blocked */
	ADDED_DEAD, /* only other executions go on from here */
	ADDED_BOUND,
};

/* For engine.c: add op as the next event of the thread. */
enum added search_add(struct graph *g, unsigned thread, struct op *op);
/* For engine.c: could it be added now? */
bool search_enabled(struct graph *g, unsigned thread, const struct op *op);

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

/* Run once, deciding as in steps; returns the graph (of which an ending is in
 * *ending), NULL if the program does not do what they say. */
struct graph *search_follow(const struct step *steps, unsigned n,
			    enum ending *ending);

#endif
