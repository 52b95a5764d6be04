/* SPDX-License-Identifier: MIT */
/*
 * Hand-off: unlock makes the longest waiter the holder. FIFO. The twin of
 * barging.c.
 *
 * Source: M. Blasgen, J. Gray, M. Mitoma and T. Price, "The convoy phenomenon"
 * (ACM SIGOPS OSR 1979): a lock granted to a sleeper stays unused until it
 * wakes, and everybody who comes meanwhile joins the convoy.
 *
 * State and edges: see _fair.h. It is never free while the queue is not empty.
 *
 * Progress: FIFO, sleeps at once. Nobody is ever bypassed.
 * Costs: two atomic read-modify-writes uncontended; contended a wake-up (5 to
 * 50 us) for each section, during which nobody is inside.
 * Loses to every lock that barges as soon as two threads meet in short
 * sections: once there is a queue it stays. Does well where sections are much
 * longer than a wake-up.
 */
#include "_fair.h"

static bool always(struct fair *m)
{
	(void)m;
	return true;
}

REGISTER_FAIR(always, .brief = "sleepers are handed the mutex; FIFO",
	      .source = "Blasgen et al., The convoy phenomenon (1979)",
	      .flags = IMPL_FIFO);
