/* SPDX-License-Identifier: MIT */
/*
 * Plain accesses, their races, and where they meet the graph.
 *
 * Plain accesses go to real memory: in a race-free execution each reads what
 * the write that happens before it has left there. A cell remembers who has
 * accessed it; two accesses to the same byte, of different threads, one a write
 * and not both atomic, neither happening before the other, are a data race
 * (C11 5.1.2.4p25).
 *
 * Bytes enter the graph with their first atomic access. Memory gets each value
 * that is written atomically, unless it has one that is later in co: so a plain
 * read of them finds the last write that happens before it. A plain write makes
 * them plain again: whatever is atomic afterwards happens after that write, so
 * that it is a location of its own, another incarnation, whose initial value is
 * what then is in memory. So no plain access is an event, and none needs a hook
 * to find the right value (clang leaves out the read of x += 1).
 */
#ifndef RACE_H
#define RACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event;
struct graph;

enum {
	INCARNATION_SHIFT = 48,
	INCARNATIONS_MAX = 256, /* of one address; hidden keys begin above */
};

/* The address that a location's key stands for; 0: a hidden location. */
static inline uintptr_t race_address(uintptr_t key)
{
	return key >> 56 ? 0 : key & ((UINT64_C(1) << INCARNATION_SHIFT) - 1);
}

/* A plain access that the calling thread is about to make: notes it, raises a
 * race. */
void race_plain(uintptr_t a, size_t size, bool write, const void *pc);

/* The calling thread frees [a, a + size): raises what is not ordered before. */
void race_free(uintptr_t a, size_t size, const void *pc);

/*
 * The location (number plus one) of an atomic access by this thread in this
 * execution, to be asked when an event is about to be added. If its bytes were
 * not atomic so far they enter the graph, with the value that memory has.
 * Another size at the same place is another incarnation, if it is ordered after
 * all that was there; else unsupported.
 */
unsigned race_location(struct graph *g, unsigned thread, uintptr_t a,
		       unsigned size);

/*
 * An event of the graph takes place in this execution, new or replayed: memory
 * gets what it writes, and it is checked against the plain accesses so far.
 * Raises a race.
 */
void race_event(const struct graph *g, const struct event *e);

#endif
