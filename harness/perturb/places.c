/* SPDX-License-Identifier: MIT */
/*
 * Places of the code as targets: a place is where the code is, with its callers
 * in the implementation, however often and by however many threads it is
 * reached. Of steps drawn uniformly most lie in loops, at places that were
 * tried many times; a place that is reached once is as good as any here.
 *
 * Places lie on a circle, by a hash, and each trial has one or two points on
 * it: from there to the next place that is known, and what turns up in between,
 * is chosen. The points of trials follow each other by the golden ratio, which
 * leaves no part of the circle out for long: nearly an enumeration, without
 * memory of what has been tried. A seed chooses the same whenever it is run,
 * even if what is known differs a little, as in consistent hashing.
 *
 * Source: D. Karger et al., "Consistent hashing and random trees", STOC 1997.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../kit/splitmix.h"
#include "runtime.h"

enum {
	ARCS = 2,
	/* If nothing is known: 32 places. */
	USUAL_WIDTH = 1 << 27,
	/* Trials that see the circle in one order; then places change their
	 * positions, so that neighbours do not remain neighbours. */
	ROUND = 64,
	DEEPEST_CALL = 3,
};

/* The places that the last trial came by, in memory that the parent sees. */
static _Atomic uint64_t *map;

static struct arc {
	uint32_t salt, begin, last;
} arcs[ARCS];
static unsigned n_arcs;
static uint32_t one_in; /* times that a thread comes by */
static bool by_all;	/* or by some of the threads */

void places_prepare(void)
{
	if (map)
		return;
	map = mmap(NULL, PERTURB_PLACES / 8, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		abort();
}

void places_begin(void)
{
	for (unsigned i = 0; i < PERTURB_PLACES / 64; i++)
		atomic_store_explicit(&map[i], 0, memory_order_relaxed);
}

void places_measure(struct perturb_size *size)
{
	for (unsigned i = 0; i < PERTURB_PLACES / 64; i++)
		size->places[i] =
			atomic_load_explicit(&map[i], memory_order_relaxed);
}

/* 0 .. PERTURB_PLACES - 1. The two sides of a call are two places. */
static uint32_t place_of(const struct thread *t, const void *pc,
			 enum point point)
{
	extern const char __executable_start[];
	uintptr_t base = (uintptr_t)__executable_start;
	uint64_t place = splitmix_mix(((uintptr_t)pc - base) * 2 +
				      (point == AFTER_CALL));

	for (unsigned i = 1; i <= DEEPEST_CALL && i <= t->depth; i++) {
		const void *caller = t->callers[(t->depth - i) % CALLERS];

		if (!where_inside(caller))
			break;
		place = splitmix_mix(place + (uintptr_t)caller - base);
	}
	return place % PERTURB_PLACES;
}

void place_mark(const struct thread *t, const void *pc, enum point point)
{
	uint32_t place = place_of(t, pc, point);
	uint64_t bit = UINT64_C(1) << place % 64;

	if (!(atomic_load_explicit(&map[place / 64], memory_order_relaxed) &
	      bit))
		atomic_fetch_or_explicit(&map[place / 64], bit,
					 memory_order_relaxed);
}

/* How far behind the begin of the arc it lies. */
static uint32_t position(const struct arc *a, uint32_t place)
{
	return (uint32_t)splitmix_mix(((uint64_t)a->salt << 32) + place) -
	       a->begin;
}

/* From a point of this seed to the first place that is known. */
static struct arc arc_draw(const struct perturbation *p, unsigned i)
{
	struct arc a = {
		.salt = (uint32_t)(p->seed / ROUND * ARCS + i),
		.begin = (uint32_t)p->seed * UINT32_C(0x9e3779b9),
		.last = UINT32_MAX,
	};

	for (uint32_t place = 0; place < PERTURB_PLACES; place++)
		if (p->size.places[place / 64] >> place % 64 & 1 &&
		    position(&a, place) < a.last)
			a.last = position(&a, place);
	if (a.last == UINT32_MAX)
		a.last = USUAL_WIDTH;
	return a;
}

/* How often a thread comes by a place, roughly: log2. */
static unsigned visits_bits(const struct perturb_size *size)
{
	unsigned most = 0, places = 0;

	for (unsigned i = 0; i < PERTURB_SIZES; i++)
		if (size->bits[i] > most)
			most = size->bits[i];
	for (unsigned i = 0; i < PERTURB_PLACES / 64; i++)
		places += (unsigned)__builtin_popcountll(size->places[i]);
	while (places > 1 && most > 0) {
		places /= 2;
		most--;
	}
	return most;
}

void places_draw(uint64_t *random, const struct perturbation *p)
{
	n_arcs = 1 + random_below(random, ARCS);
	for (unsigned i = 0; i < n_arcs; i++)
		arcs[i] = arc_draw(p, i);
	one_in = 1; /* the first time in half of the trials */
	if (random_below(random, 2))
		one_in <<= random_below(random, visits_bits(&p->size) + 1);
	by_all = random_below(random, 2);
}

void places_thread(struct thread *t)
{
	t->acts_left = by_all || random_below(&t->random, 2) ? MAX_PLACES : 0;
	t->last_place = PERTURB_PLACES;
}

static bool chosen(uint32_t place)
{
	for (unsigned i = 0; i < n_arcs; i++)
		if (position(&arcs[i], place) <= arcs[i].last)
			return true;
	return false;
}

int place_reached(struct thread *t, const void *pc, enum point point)
{
	uint32_t place;

	if (!t->acts_left)
		return -1;
	place = place_of(t, pc, point);
	if (place == t->last_place || !chosen(place) ||
	    random_below(&t->random, one_in))
		return -1;
	t->last_place = place;
	return (int)(MAX_PLACES - t->acts_left--);
}

void places_describe(char *text, size_t size)
{
	snprintf(text, size, " places, one time in %u", one_in);
}
