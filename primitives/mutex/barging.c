/* SPDX-License-Identifier: MIT */
/*
 * Barging: unlock lets go and wakes the longest waiter, who competes with all
 * comers. The twin of handoff.c.
 *
 * Source: M. Blasgen, J. Gray, M. Mitoma and T. Price, "The convoy phenomenon"
 * (ACM SIGOPS OSR 1979), their remedy.
 *
 * State and edges: see _fair.h.
 *
 * Progress: barging, no bypass bound, sleeps at once. A waiter that loses keeps
 * its place at the head of the queue.
 * Costs: two atomic read-modify-writes uncontended; with sleepers two and a
 * store more an unlock, and a FUTEX_WAKE whenever none of them is awake.
 * Loses to futex.c, which spins, when sections are shorter than a wake-up; to
 * handoff when nobody may starve.
 */
#include "_fair.h"

static bool never(struct fair *m)
{
	(void)m;
	return false;
}

REGISTER_FAIR(never, .brief = "a queue of sleepers, all comers compete",
	      .source = "Blasgen et al., The convoy phenomenon (1979)");
