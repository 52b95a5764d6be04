/* SPDX-License-Identifier: MIT */
/*
 * Threads that run the same function with the same argument can change places.
 *
 * When two of them that have done the same so far want to be first at the same
 * write with an update, who is first does not matter: only the one with the
 * lower number is explored in that place. Sound if whoever made them does not
 * tell them apart: creates them one right after the other and looks at nothing
 * between the joins.
 * Source: M. Kokologiannakis, I. Marmanis, V. Vafeiadis, "SPORE: combining
 * symmetry and partial order reduction" (PLDI 2024).
 */
#ifndef SYMMETRY_H
#define SYMMETRY_H

#include "graph.h"

/* Would r, which is about to be added, do what this read of another thread has
 * done, in its place? */
bool symmetry_mirrors(const struct graph *g, const struct event *r,
		      const struct event *other);

#endif
