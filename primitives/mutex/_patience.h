/* SPDX-License-Identifier: MIT */
/*
 * How the spinning FIFO locks wait: as published, turn after turn, but with a
 * yield once in a long while.
 *
 * The next in line is the only one who can go on, so when it has no core, every
 * waiter that has one keeps it from running. As published that lasts to the end
 * of a time slice (3 to 4 ms) at nearly every hand-over: minutes for what else
 * takes milliseconds. The patience below bounds it to some tens of
 * microseconds. The collapse with more threads than cores remains, by a factor
 * of hundreds instead of tens of thousands (V. Laforet et al., "FlexGuard",
 * SOSP 2025, fig. 1), and what collapses still ends. With a core for each
 * thread the next in line is there long before anybody yields.
 */
#ifndef PATIENCE_H
#define PATIENCE_H

#include "../sync.h"

/* A turn is one load and one pause, 15 to 50 ns: 30 to 100 us between yields,
 * hundreds of hand-overs between cores. An explorer recognises the loop when it
 * has seen each of its states twice. */
enum { PATIENCE_TURNS = INSTRUMENTED ? 4 : 2048 };

struct patience {
	unsigned turns;
};

static ALWAYS_INLINE void wait_a_turn(struct patience *p)
{
	cpu_relax();
	if (unlikely(++p->turns == PATIENCE_TURNS)) {
		p->turns = 0;
		yield_core();
	}
}

#endif
