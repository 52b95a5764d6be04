/* SPDX-License-Identifier: MIT */
/*
 * A ring with positions of 32 bits: when they wrap round, laps begin again at
 * 0, but the turns of the slots stand where the last lap left them.
 *
 * Bug:       queue-turn-wraps
 * Source:    rigtorp/MPMCQueue issue 40 (2023): after the wrap nothing can be
 *            pushed; dbittman/waitfree-mpsc-queue issue 11 (2021)
 * Scenario:  2^31 puts and gets
 * Violation: no progress: puts wait for a turn that has passed
 */
#include "../canary.h"
#if BROKEN
#define POSITION uint32_t
#endif
#include "_turns.h"

REGISTER_TURNS("positions of 32 bits", "rigtorp/MPMCQueue issue 40",
	       exact_length, age);
