/* SPDX-License-Identifier: MIT */
/*
 * Plain accesses and their races.
 *
 * Plain accesses go to real memory: in a race-free execution each reads what
 * the write that happens before it has left there. A cell remembers who has
 * accessed it; two accesses to the same byte, of different threads, one a write
 * and not both atomic, neither happening before the other, are a data race
 * (C11 5.1.2.4p25). A plain access to bytes that are in the graph already (a
 * lock that is initialised again) becomes an event of order ORDER_PLAIN.
 */
#ifndef RACE_H
#define RACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event;
struct graph;

/* A plain access by the calling thread: notes it, raises a race, and where the
 * bytes are in the graph, makes the event. After a read the value in memory is
 * the right one to read; after a write it is about to be written. */
void race_plain(uintptr_t a, size_t size, bool write, const void *pc);

/*
 * The location (number plus one) of an atomic access in this execution. If its
 * bytes were not atomic so far they enter the graph, with the value that memory
 * has. Another size at the same place: unsupported.
 */
unsigned race_location(struct graph *g, uintptr_t a, unsigned size);

/* Check a new event of the graph against plain accesses: those of cells, and
 * events with EVENT_PLAIN. Raises a race. */
void race_event(const struct graph *g, const struct event *e);

#endif
