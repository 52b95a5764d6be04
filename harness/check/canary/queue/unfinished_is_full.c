/* SPDX-License-Identifier: MIT */
/*
 * A ring that is full when the next slot is not free. But a getter may be on
 * its way out with that slot's item, and others have taken all the rest.
 *
 * Bug:       queue-unfinished-is-full
 * Source:    rust-embedded/heapless issue 583 (2025): a push to a queue that is
 *            not full can fail
 * Scenario:  two items; a getter stops between claim and release of its slot,
 *            another one gets the second item; tryput
 * Violation: full, though it is empty
 * Caught by: perturb
 * Rare:      a getter stopped between two steps over all that others do
 * Explored by: try_put_has_room (assertion)
 */
#include "../canary.h"
#if BROKEN
#define LOOKS_FULL(q, s, tail)                                                 \
	(look(&(s)->turn) + 1 == lap_of(q, tail) && look(&(q)->tail) == (tail))
#endif
#include "_turns.h"

REGISTER_TURNS("full because of a slot that is not free yet",
	       "rust-embedded/heapless issue 583");
