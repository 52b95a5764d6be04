/* SPDX-License-Identifier: MIT */
/*
 * Memory models: may the event that has just been added be there?
 *
 * Coherence and atomicity are the same for all and are checked by ranges before
 * an event is added (search.c); a model adds what is left: psc for RC11, a
 * cycle through the new event for SC and TSO. Each is asked after every change
 * of rf or co, and may assume that the graph was consistent before.
 */
#ifndef MODEL_H
#define MODEL_H

#include "graph.h"

struct model {
	const char *name; /* as in --model= */
	bool (*consistent)(const struct graph *g, const struct event *added);
};

extern const struct model model_rc11; /* Lahav et al., PLDI 2017 */
extern const struct model
	model_sc; /* Lamport 1979; acyclic po u rf u co u fr */
extern const struct model model_tso; /* Owens et al., TPHOLs 2009, as axioms */

/* The first place in co that e may read from, or after which it may be put:
 * what happens before it has seen so much already. */
unsigned model_floor(const struct graph *g, const struct event *e);

/* The write that e comes immediately before, by co or by fr; NULL: none. */
const struct event *model_overwriter(const struct graph *g,
				     const struct event *e);

#endif
