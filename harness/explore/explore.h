/* SPDX-License-Identifier: MIT */
/*
 * What a program may tell the explorer beyond what it does. Nothing of it is
 * needed, and outside of the explorer it is not there: the names are weak.
 *
 *	if (explore_relax)
 *		explore_relax();
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include <stdint.h>

#define EXPLORE_TOLD __attribute__((weak))

/* An await: this turn of a loop was in vain. */
EXPLORE_TOLD extern void explore_relax(void);

/*
 * A history: what threads ask of one object, and what they are answered. At the
 * end of each execution there has to be an order of these operations that
 * agrees with happens-before, and in which a sequential object of this kind
 * gives the same answers; if not, the execution is "not linearizable".
 *
 *	explore_history("queue", capacity, 0);
 *	...
 *	item = explore_invoke("put", 0);
 *	put(&queue, item);
 *	explore_respond(0, 0);
 *	...
 *	explore_invoke("get", 0);
 *	item = get(&queue);
 *	explore_respond(0, item);
 *
 * Kinds and their operations: harness/check/history/model_KIND.c; for instance
 * queue (capacity, 0: unbounded), semaphore (first value, the most or 0),
 * counter, event, mutex, rwlock, once.
 */
EXPLORE_TOLD extern void explore_history(const char *kind, int first,
					 int second);

/* Right before the operation. Returns its argument: the one given or, where the
 * kind wants each to have its own, that: of a put the item, of an add (to a
 * counter) which power of two to add. */
EXPLORE_TOLD extern int explore_invoke(const char *operation, int argument);

/* Right after it: enum sync_result or a truth; the item, the number. What an
 * operation does not answer is 0. */
EXPLORE_TOLD extern void explore_respond(int answer, uint64_t value);

#endif
