/* SPDX-License-Identifier: MIT */
/*
 * Turns a lost wake-up or a deadlock into a report, without a time threshold.
 *
 * Stillness is exact, not a guess: every thread of the process but the caller
 * and machinery (watchdog_exempt) is asleep in the kernel, in a wait without a
 * timeout, and has not switched since an earlier look at all of them (so all
 * of them were asleep at one moment, and nobody is left who could wake one).
 * A thread that polls (between watchdog_poll(true) and watchdog_poll(false))
 * counts as asleep: it waits for others to change something.
 * Where /proc/self/task/N/syscall cannot be read nothing is ever still, and a
 * hang is found by the trial's limit alone.
 */
#ifndef WATCHDOG_H
#define WATCHDOG_H

#include <stdbool.h>
#include <stddef.h>

/* Looks twice, a moment apart; `true` is certain (but for signals from outside
 * and clocks that pollers read). */
bool watchdog_still(void);

/*
 * Starts the watchdog of this process: after a second of stillness, or limit_s
 * seconds in all, it reports on stderr and ends the trial (trial_hung).
 */
void watchdog_start(unsigned limit_s);

/* The calling thread does not count, and is not perturbed: machinery, such as a
 * hog. Whatever holds
 * back a thread of the trial itself has to do so with a time limit. */
void watchdog_exempt(void);

/*
 * The calling thread begins, goes on (call it before every turn) or ends
 * polling for what others must do. Nothing counts as a hang before each poller
 * has asked once more.
 */
void watchdog_poll(bool polls);

/* This memory belongs in a report: the words of an object under test. The last
 * 64 objects; earlier ones are left out aloud. name is copied. */
void watchdog_object(const char *name, const void *object, size_t size);
void watchdog_forget(const void *object);

/* Every thread's stack (function, file:line), what it waits for (which futex
 * word, what it expected, what the word is now), the words of the objects. */
void watchdog_report(void);

#endif
