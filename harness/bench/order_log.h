/* SPDX-License-Identifier: MIT */
/*
 * Writes down every acquisition from inside the critical section, so that the
 * lock itself puts the entries in order.
 *
 * An entry costs each section a call, a clock reading (20 to 30 ns) and the
 * CPU's number (3 ns: the C library loads it from the thread's rseq area), some
 * 30 ns in all. That lies before the section's own work, and cs_ns_real leaves
 * it out; so what comes out is the order, not a throughput.
 *
 * Bounded: ORDER_ENTRIES in all, shared among at most ORDER_LOCKS locks. What a
 * lock has room for is parted into ORDER_STRETCHES; once it is full, further
 * stretches replace earlier ones at random (algorithm R: J. S. Vitter, TOMS
 * 1985), so that what remains is a fair sample of contiguous stretches of the
 * window. What is not there any more counts as not recorded.
 */
#ifndef ORDER_LOG_H
#define ORDER_LOG_H

#include "../../primitives/section.h"
#include "order.h"

enum {
	ORDER_ENTRIES = 1 << 22, /* 32 MiB */
	ORDER_LOCKS = 64,
	ORDER_STRETCHES = 64,
};

struct order_log;

/* An empty one without room for entries; never NULL. */
struct order_log *order_log_new(void);

/* Make room for that many locks, before any thread runs. */
void order_log_open(struct order_log *log, unsigned locks);

/* What section_object.log of lock i has to be: NULL if it is not recorded. */
void *order_log_of(struct order_log *log, unsigned i);

/* A section_log; s->recorder is a struct recorder. */
void order_log_take(struct section *s, struct section_object *o);

/* When all threads have left: the figures, and m if it is not NULL. */
void order_log_figures(const struct order_log *log, unsigned threads,
		       struct order_figures *out, struct order_matrix *m);

#endif
