/* SPDX-License-Identifier: MIT */
/*
 * Forced switching that sleeps once: returning for no reason, or for a signal
 * handler, the one who has dropped the lock competes for it at once, as if
 * nobody had asked.
 *
 * Bug:       gil-switch-waits-once
 * Source:    CPython, Python/ceval_gil.c, drop_gil since 3.2: if, not while,
 *            around COND_WAIT(switch_cond)
 * Scenario:  a waiter asks, the holder yields and its sleep is interrupted
 * Violation: yield returns true and nobody else has had the lock
 * Caught by: faults
 * Rare:      one sleep of a few microseconds has to be interrupted
 * Explored by: yield_2 (assertion) with --spurious --mode=random
 */
#include "_switch.h"

#define CHOICES ((struct gil_choices){ .waits_once = BROKEN })

REGISTER_BROKEN_GIL(CANARY_BRIEF("who drops sleeps once, in no loop"),
		    "CPython, ceval_gil.c");
