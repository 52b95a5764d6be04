/* SPDX-License-Identifier: MIT */
/*
 * Forced fairness by count: barging, but every 256th unlock that finds waiters
 * hands the mutex to the longest one.
 *
 * Source: own; a counted form of eventual fairness (F. Pizlo, "Locking in
 * WebKit", 2016), so that the rate of hand-overs is what one sets: handoff is
 * the lock with 1, barging the one without end.
 *
 * State and edges: see _fair.h.
 *
 * Progress: the head of the queue is bypassed at most 255 times; sleeps at
 * once. Costs: as barging, and a wake-up (5 to 50 us) in which nobody is
 * inside, per 256 sections. Loses to barging where 256 sections take less time
 * than a wake-up.
 */
#include "_fair.h"

static bool nth(struct fair *m)
{
	return ++m->releases % 256 == 0;
}

REGISTER_FAIR(nth, .brief = "barging, every 256th contended unlock hands over",
	      .source = "own, after Pizlo, Locking in WebKit (2016)");
