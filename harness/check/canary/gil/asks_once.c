/* SPDX-License-Identifier: MIT */
/*
 * A waiter asks the holder once to drop the lock, and then sleeps until it
 * does: "the request stays until it is honoured". But who takes the lock clears
 * it for all, and is asked by nobody if another one was quicker.
 *
 * Bug:       gil-asks-once
 * Source:    planted; take_gil in CPython's ceval_gil.c asks again after each
 *            interval without a switch
 * Scenario:  three threads that compute and yield
 * Violation: starvation: the third one waits for ever
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: asks_again (livelock)
 */
#include "_switch.h"

#define CHOICES ((struct gil_choices){ .asks_once = BROKEN })

REGISTER_BROKEN_GIL(CANARY_BRIEF("a waiter asks for a drop once"), "planted");
