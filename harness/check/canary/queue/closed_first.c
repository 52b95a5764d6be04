/* SPDX-License-Identifier: MIT */
/*
 * A ring that, having found no item, looks whether it is closed, and answers
 * so: an item that was put in between, before close, is taken for none.
 *
 * Bug:       queue-closed-first
 * Source:    brunocodutra/ring-channel PR 98 (2022): a receiver could report
 *            that the channel is disconnected with messages in the buffer
 * Scenario:  one puts an item and closes; one gets until it is refused
 * Violation: an item whose put returned 0 is never got
 * Caught by: perturb, preempt
 * Explored by: close_beside_put_and_get (assertion)
 */
#include "../canary.h"
#if BROKEN
#define CLOSED_FIRST
#endif
#include "_turns.h"

REGISTER_TURNS("closed while items are left",
	       "brunocodutra/ring-channel PR 98");
