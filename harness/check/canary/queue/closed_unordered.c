/* SPDX-License-Identifier: MIT */
/*
 * A ring whose close is a mark in the tail, which putters and getters load
 * relaxed: the slot's turn orders the items. But to be refused orders nothing:
 * who learns that the queue is closed does not see what was done before.
 *
 * Bug:       queue-closed-unordered
 * Source:    crossbeam issue 838 (2022): the race detector accuses a program
 *            that reads after recv's error what was written before the drop
 * Scenario:  write, close; get or put, refused: read
 * Violation: what was written before close is not seen
 * Caught by: tsan-gcc, tsan-clang
 * Explored by: close_publishes_to_getter (data race)
 */
#include "../canary.h"
#if BROKEN
#define CLOSED_ORDER memory_order_relaxed
#endif
#include "_turns.h"

REGISTER_TURNS("closed, but not ordered", "crossbeam issue 838");
