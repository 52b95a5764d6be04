/* SPDX-License-Identifier: MIT */
/*
 * Eventual fairness by time: barging, until the longest waiter has waited for
 * 1 ms; then it is handed the mutex.
 *
 * Source: F. Pizlo, "Locking in WebKit" (2016), eventual fairness; the rule is
 * that of Go's sync.Mutex (starvationThresholdNs, 1 ms): it goes by the time
 * of the waiter, not, as WebKit's, by the time since the last hand-over.
 *
 * State and edges: see _fair.h.
 *
 * Progress: barging, but whoever heads the queue for 1 ms gets it at the next
 * unlock; sleeps at once.
 * Costs: as barging, and the clock at each unlock with sleepers.
 * Loses to barging, little while waits are short; like handoff once there are
 * so many waiters that each waits for longer than 1 ms anyway: then every
 * unlock hands over, and the queue stays.
 */
#include "_fair.h"

static bool waited_long(struct fair *m)
{
	return now_ns() - m->head->since >= NS_PER_MS;
}

REGISTER_FAIR(waited_long,
	      .brief = "barging, handed over after 1 ms of waiting",
	      .source = "Pizlo, Locking in WebKit (2016); Go's sync.Mutex");
