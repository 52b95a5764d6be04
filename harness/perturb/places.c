/* SPDX-License-Identifier: MIT */
/*
 * Places of the code as targets: a place is where the code is, with its callers
 * in the implementation, however often and by however many threads it is
 * reached. Of steps drawn uniformly most lie in loops, at places that were
 * tried many times; a place that is reached once is as good as any here.
 *
 * Which places a trial chooses depends on its seed and on the places alone. A
 * place has a position on a circle, a hash; each trial takes those in an arc of
 * it, wide enough for one or a few. Arcs follow each other by the golden ratio,
 * which leaves no part out for long: nearly an enumeration, without memory of
 * what has been tried, so a seed does the same again whenever it is run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../kit/splitmix.h"
#include "runtime.h"

enum {
	BITS = 1 << 12, /* of the map: places share one of them at times */
	USUAL = 6,	/* if nothing is known: up to 64 places */
	/* Arcs in one order; then places change their positions, so that
	 * neighbours do not stay together for ever. */
	ROUND = 64,
	DEEPEST_CALL = 3,
};

/* The places that the last trial came by, in memory that the parent sees. */
static _Atomic uint64_t *map;

static uint64_t salt;
static uint32_t arc_begin, arc_width, one_in;

void places_prepare(void)
{
	if (map)
		return;
	map = mmap(NULL, BITS / 8, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		abort();
}

void places_begin(void)
{
	for (unsigned i = 0; i < BITS / 64; i++)
		atomic_store_explicit(&map[i], 0, memory_order_relaxed);
}

unsigned places_bits(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < BITS / 64; i++)
		n += (unsigned)__builtin_popcountll(atomic_load_explicit(
			&map[i], memory_order_relaxed));
	return n ? 32 - (unsigned)__builtin_clz(n) : 0;
}

/* The two sides of a call are two places. */
static uint64_t place_of(const struct thread *t, const void *pc,
			 enum point point)
{
	extern const char __executable_start[];
	uint64_t place = (uintptr_t)pc - (uintptr_t)__executable_start;

	place = splitmix_mix(place * 2 + (point == AFTER_CALL));
	for (unsigned i = 1; i <= DEEPEST_CALL && i <= t->depth; i++) {
		const void *caller = t->callers[(t->depth - i) % CALLERS];

		if (!where_inside(caller))
			break;
		place = splitmix_mix(place + (uintptr_t)caller -
				     (uintptr_t)__executable_start);
	}
	return place;
}

void place_mark(const struct thread *t, const void *pc, enum point point)
{
	uint64_t place = place_of(t, pc, point);
	uint64_t bit = UINT64_C(1) << place % 64;
	_Atomic uint64_t *word = &map[place / 64 % (BITS / 64)];

	if (!(atomic_load_explicit(word, memory_order_relaxed) & bit))
		atomic_fetch_or_explicit(word, bit, memory_order_relaxed);
}

void places_draw(uint64_t *random, const struct perturbation *p)
{
	unsigned bits = p->size.places ? p->size.places : USUAL;
	uint64_t width = UINT64_C(1) << (32 - bits);
	uint32_t once = random_below(random, 6), twice;

	/* one or two of them in half of the trials, up to four in the others */
	width *= random_below(random, 2) ? 2 : 4;
	arc_width = width > UINT32_MAX ? UINT32_MAX : (uint32_t)width;
	arc_begin = (uint32_t)p->seed * UINT32_C(0x9e3779b9);
	salt = splitmix_mix(p->seed / ROUND);
	/* Most often the first time that a thread comes by. */
	twice = random_below(random, 6);
	one_in = 1U << (once < twice ? once : twice);
}

void places_thread(struct thread *t)
{
	/* Of threads that do the same, some are to pass where others stop. */
	t->acts_left = random_below(&t->random, 2) ? MAX_PLACES : 0;
}

int place_reached(struct thread *t, const void *pc, enum point point)
{
	uint64_t place;

	if (!t->acts_left)
		return -1;
	place = place_of(t, pc, point);
	if ((uint32_t)(splitmix_mix(place ^ salt) >> 32) - arc_begin >=
		    arc_width ||
	    place == t->last_place || random_below(&t->random, one_in))
		return -1;
	t->last_place = place;
	return (int)(MAX_PLACES - t->acts_left--);
}

void places_describe(char *text, size_t size)
{
	snprintf(text, size, " places, one time in %u", one_in);
}
